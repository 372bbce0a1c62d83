@s3 @tempo
Feature: The object storage lets Tempo into its bucket

  @lgtm.011.2
  Rule: When bucket tempo-traces is tried, object storage shall give access to it
    Revision: cd96b08f

    Scenario: An object of this run is in the list
      Then Tempo's storage account lists an object of this run in its bucket
