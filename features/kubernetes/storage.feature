@kubernetes
Feature: Claims are bound to volumes that keep what is written to them

  @suite.kubernetes.1
  Rule: When a claim of the default storage class is created, Kubernetes shall have it bound to a volume within 60 seconds
    Revision: c9e16982

    Scenario: A new claim that names no class is bound in time
      When a claim is created
      Then the claim is bound to a volume within 60 seconds

  @suite.kubernetes.2
  Rule: When a pod that wrote to a claim has been deleted, its successor shall read the same bytes from the claim
    Revision: e2b11502

    Scenario: A second pod reads what the first one wrote
      Given a pod that wrote random bytes to a claim, and was deleted
      When another pod reads the claim
      Then it reads the same bytes

  @suite.kubernetes.3
  Rule: When a claim is deleted whose class reclaims by deletion, Kubernetes shall remove the claim and its volume
    Revision: a097508d

    Scenario: Neither the claim nor its volume is left
      Given a claim that was bound to a volume
      When the claim is deleted
      Then neither the claim nor its volume is there any more

  @suite.kubernetes.7
  Rule: Where the default storage class allows it, Kubernetes shall give a claim that is in use the greater capacity that it is asked for
    Revision: a7e51e36

    Scenario: A claim is expanded while a pod uses it
      Given a claim that a pod uses, of a class that allows it to be expanded
      When twice its capacity is asked for
      Then the claim has that capacity
