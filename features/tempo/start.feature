@tempo @kubernetes @disruptive
Feature: Pods of Tempo start in time

  @tempo-mimir.003.6
  Rule: When Tempo's release is applied, its pod shall have started within 5 minutes
    Revision: 5e297b9d

    Scenario: A pod that takes the place of a deleted one has started in time
      When the pods of Tempo are deleted
      Then new pods of Tempo have started within 5 minutes

  @tempo-mimir.004.2
  Rule: When a pod of Tempo has started, it shall be ready within 5 minutes
    Revision: e38d1061

    Scenario: A pod that takes the place of a deleted one is ready in time
      When the pods of Tempo are deleted
      Then new pods of Tempo are ready within 5 minutes
