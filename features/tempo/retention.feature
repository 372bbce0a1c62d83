@tempo
Feature: Traces are kept for as long as agreed

  @tempo-mimir.003.11
  Rule: Where traces are kept in the target's bucket, a lifecycle rule of the bucket shall expire them after 30 days
    Revision: 999855e3

    Scenario: The bucket expires what lies under Tempo's prefix
      When the lifecycle rules of Tempo's bucket are read
      Then one of them expires every object of the tenant after 30 days
