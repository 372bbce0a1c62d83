@s3 @mimir
Feature: The object storage lets Mimir into its bucket

  @lgtm.013.2
  Rule: When bucket mimir-blocks is tried, object storage shall give access to it
    Revision: 67c0f59d

    Scenario: An object of this run is in the list
      Then Mimir's storage account lists an object of this run in its bucket
