@mimir @kubernetes
Feature: Mimir is deployed as the documents say

  @tempo-mimir.009.3
  Rule: When the storage secret has been applied to the cluster, Mimir's pods shall be able to read it as environment variables
    Revision: 7be66858

    Scenario: Its containers take both keys from a Secret that has them, and use them
      When the pods of Mimir are looked at
      Then a Secret gives them "S3_ACCESS_KEY_ID" and "S3_SECRET_ACCESS_KEY" as environment variables

  @tempo-mimir.010.3
  Rule: Where a number of replicas is declared for Mimir, the number shall be 1
    Revision: cad5db72

    Scenario: Its workload is set to one replica
      When the pods of Mimir are looked at
      Then its workload is set to 1 replica, and has as many pods

  @tempo-mimir.010.5
  Rule: Where a memory limit is declared for Mimir, the limit shall be at most 1.5Gi for each pod
    Revision: 59f7bbec

    Scenario: All containers of each pod have limits, which add up to no more
      When the pods of Mimir are looked at
      Then each of its pods is limited to at most 1.5Gi of memory

  @tempo-mimir.011.6
  Rule: When Mimir is deployed, its Service shall be reachable in the cluster at its HTTP port
    Revision: 9340e818

    Scenario: A pod in another namespace connects to it by its name
      When a pod in a namespace of its own connects to Mimir's Service at its HTTP port
      Then the connection is accepted

  @lgtm.012.4
  Rule: When Mimir's deployment has succeeded, its pods shall be Running and accept remote write on port 8080
    Revision: d66f4f18

    Scenario: Its pods run, and its receiver takes what is sent to its port
      Given the pods of Mimir are looked at
      When Mimir's running configuration is read
      Then each of its pods is running
      And its HTTP server listens on the target's port
      And a remote write request is accepted at /api/v1/push

  @lgtm.012.9
  Rule: Where Mimir is sized for the home lab, each of its components shall have exactly 1 replica
    Revision: 70646863

    Scenario: The workload of all components is set to one replica
      When the pods of Mimir are looked at
      Then its workload is set to 1 replica, and has as many pods

  @suite.mimir.25
  Rule: Where Mimir runs in a cluster, each of its containers shall have probes of readiness and life, and requests of processor and memory
    Revision: eb4366ee

    Scenario: Kubernetes knows what its containers need, and whether they are well
      When the pods of Mimir are looked at
      Then each of its containers has probes of readiness and life, and requests of processor and memory

  @suite.mimir.26
  Rule: Where Mimir runs in a cluster, each of its images shall be pinned to a version
    Revision: d04acf19

    Scenario: The images of its pods name versions that stay
      When the pods of Mimir are looked at
      Then each of its images is pinned to a version
