@kubernetes
Feature: Service accounts may do what they were granted, and nothing else

  @suite.kubernetes.5
  Rule: If a service account has not been granted a verb, Kubernetes shall refuse it with 403
    Revision: 6a3c792b

    Scenario: An account that may list ConfigMaps is refused Secrets
      Given a service account that may list ConfigMaps of its namespace
      Then the access review allows it to list ConfigMaps there, and not to list Secrets
      And with its own token it lists ConfigMaps, and is refused Secrets with 403
