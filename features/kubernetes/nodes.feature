@kubernetes
Feature: The cluster runs what it is given

  @thanos.T015.1
  Rule: When `kubectl get nodes` is asked of each cluster, every node shall be Ready
    Revision: 537fccdf

    Scenario: No node of any cluster of the target is anything but Ready
      Then every node of every cluster is Ready

  @thanos.T016.1
  Rule: When a test pod is deployed to each cluster, Kubernetes shall schedule it there
    Revision: 04e73654

    Scenario: A pod is given a node in every cluster of the target
      When a test pod is created in every cluster
      Then each of them is given a node

  @suite.kubernetes.4
  Rule: When a pod writes a line, the kubelet shall return the line in the pod's log within 10 seconds
    Revision: 978a6818

    Scenario: A line that nobody else wrote comes back, unchanged
      When a pod writes a line of its own
      Then its log holds the line within 10 seconds

  @suite.kubernetes.6
  Rule: When a Service has been created, pods shall resolve its name
    Revision: b2ecbcf2

    Scenario: A pod resolves the name of a Service to its address
      When a pod resolves the name of a new Service
      Then it is told the address of the Service
