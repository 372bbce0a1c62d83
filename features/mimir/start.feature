@mimir @kubernetes @disruptive
Feature: Pods of Mimir start in time

  @tempo-mimir.010.7
  Rule: When Mimir's release is applied, its pod shall have started within 5 minutes
    Revision: b0980ce0

    Scenario: A pod that takes the place of a deleted one has started in time
      When the pods of Mimir are deleted
      Then new pods of Mimir have started within 5 minutes

  @tempo-mimir.011.2
  Rule: When a pod of Mimir has started, the pod shall be ready within 5 minutes
    Revision: b87a8068

    Scenario: A pod that takes the place of a deleted one is ready in time
      When the pods of Mimir are deleted
      Then new pods of Mimir are ready within 5 minutes
