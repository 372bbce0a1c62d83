@mimir
Feature: The account of Mimir has its own bucket in object storage, and nothing else

  @lgtm.006.1
  Rule: When Mimir's credentials have been made, the MinIO user mimir-service shall have access to bucket mimir-blocks and to no other
    Revision: 150a6d5a

    Scenario: What the account may do in its own bucket, it may do in no other
      Then Mimir's storage account may list its bucket, and write, read and delete an object of this run there
      And Mimir's storage account may do none of this in any other bucket that the suite sees

  @lgtm.006.3
  Rule: When the credentials of MinIO user mimir-service are tried with the AWS CLI, object storage shall list the objects of bucket mimir-blocks
    Revision: 07b8369e

    Scenario: An object of this run is in the list
      Then Mimir's storage account lists an object of this run in its bucket
