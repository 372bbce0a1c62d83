@tempo
Feature: The account of Tempo has its own bucket in object storage, and nothing else

  @lgtm.004.1
  Rule: When Tempo's credentials have been made, the MinIO user tempo-service shall have access to bucket tempo-traces and to no other
    Revision: 4023c123

    Scenario: What the account may do in its own bucket, it may do in no other
      Then Tempo's storage account may list its bucket, and write, read and delete an object of this run there
      And Tempo's storage account may do none of this in any other bucket that the suite sees

  @lgtm.004.3
  Rule: When the credentials of MinIO user tempo-service are tried with the AWS CLI, object storage shall list the objects of bucket tempo-traces
    Revision: 44d28192

    Scenario: An object of this run is in the list
      Then Tempo's storage account lists an object of this run in its bucket
