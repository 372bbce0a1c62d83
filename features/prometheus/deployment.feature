@prometheus @kubernetes
Feature: Prometheus is deployed so that a cluster can look after it

  @suite.prometheus.13
  Rule: Where Prometheus runs in a cluster, each of its containers shall have probes of readiness and life, and requests of processor and memory
    Revision: 13dc5b18

    Scenario: Kubernetes knows what its containers need, and whether they are well
      When the pods of Prometheus are looked at
      Then each of its containers has probes of readiness and life, and requests of processor and memory

  @suite.prometheus.14
  Rule: Where Prometheus runs in a cluster, each of its images shall be pinned to a version
    Revision: 838d23e8

    Scenario: The images of its pods name versions that stay
      When the pods of Prometheus are looked at
      Then each of its images is pinned to a version
