@tempo @kubernetes
Feature: Tempo is deployed as the documents say

  @tempo-mimir.002.3
  Rule: If the storage secret has been applied to the cluster, Tempo's pods shall be able to read it as environment variables
    Revision: 7844e296

    Scenario: Its containers take both keys from a Secret that has them, and use them
      When the pods of Tempo are looked at
      Then a Secret gives them "S3_ACCESS_KEY_ID" and "S3_SECRET_ACCESS_KEY" as environment variables

  @tempo-mimir.003.3
  Rule: If a number of replicas is declared for Tempo, it shall be 1
    Revision: 5e5f10b4

    Scenario: Its workload is set to one replica
      When the pods of Tempo are looked at
      Then its workload is set to 1 replica, and has as many pods

  @tempo-mimir.003.5
  Rule: Where a memory limit is declared for Tempo, it shall be at most 1Gi for each pod
    Revision: 2d4af7a7

    Scenario: All containers of each pod have limits, which add up to no more
      When the pods of Tempo are looked at
      Then each of its pods is limited to at most 1Gi of memory

  @tempo-mimir.004.6
  Rule: When Tempo is deployed, its Service shall be reachable in the cluster at its OTLP gRPC port
    Revision: 2cb6ce01

    Scenario: A pod in another namespace connects to it by its name
      When a pod in a namespace of its own connects to Tempo's Service at its OTLP gRPC port
      Then the connection is accepted

  @lgtm.010.4
  Rule: If Tempo's deployment succeeds, its pod shall be running with an OTLP gRPC receiver on port 4317
    Revision: fd5b4b0f

    Scenario: Its pods run, and its receiver takes what is sent to its port
      Given the pods of Tempo are looked at
      When Tempo's running configuration is read
      Then each of its pods is running
      And its OTLP gRPC receiver listens on the target's port
      And an OTLP gRPC request is accepted there

  @suite.tempo.11
  Rule: Where Tempo runs in a cluster, each of its containers shall have probes of readiness and life, and requests of processor and memory
    Revision: 4e599f48

    Scenario: Kubernetes knows what its containers need, and whether they are well
      When the pods of Tempo are looked at
      Then each of its containers has probes of readiness and life, and requests of processor and memory

  @suite.tempo.12
  Rule: Where Tempo runs in a cluster, each of its images shall be pinned to a version
    Revision: 6b69e79e

    Scenario: The images of its pods name versions that stay
      When the pods of Tempo are looked at
      Then each of its images is pinned to a version
