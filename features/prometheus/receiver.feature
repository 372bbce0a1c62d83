@prometheus
Feature: Prometheus receives remote writes as the Remote-Write specifications say

  @suite.prometheus.4
  Rule: When a valid remote write request arrives, Prometheus shall answer with a status of 2xx and return every sample of it
    Revision: ef9d521a

    Scenario: Series with every kind of number are acknowledged and returned
      When a good remote write request is sent to Prometheus
      Then it is acknowledged with a status of 2xx
      And every sample of it is returned

  @suite.prometheus.5
  Rule: If a remote write request holds an invalid sample, Prometheus shall answer 400
    Revision: 8da3ad75

    Scenario Outline: <request> is refused
      When <request> is sent to Prometheus
      Then it is refused with status 400

      Examples:
        | request                                |
        | a series with a repeated label name    |
        | a series with a label that has no name |

    Scenario: A second value for the same time is refused, and the first one stays
      When a sample is sent to Prometheus twice, with two values
      Then it is refused with status 400
      And every sample of it is returned

  @suite.prometheus.6
  Rule: If a request is no remote write request, Prometheus shall answer with a status of 4xx
    Revision: dc1938a3

    Scenario Outline: <request> is refused
      When <request> is sent to Prometheus
      Then it is refused with a status of 4xx

      Examples:
        | request                          |
        | a body that is not compressed    |
        | a body in snappy's framed format |
        | a body that is no protobuf       |

  @suite.prometheus.7
  Rule: When a remote write request has fields of a later version 1.x, Prometheus shall take what it knows of it
    Revision: cdebfec4

    Scenario: An unknown field does not keep samples from being taken
      When a remote write request with fields of a later version is sent to Prometheus
      Then it is acknowledged with a status of 2xx
      And every sample of it is returned

  @suite.prometheus.8
  Rule: If Prometheus refuses a remote write request, it shall say why in words that people can read
    Revision: b14a4095

    Scenario Outline: The refusal of <request> is explained
      When <request> is sent to Prometheus
      Then the refusal says why, in words

      Examples:
        | request                       |
        | a body that is not compressed |
        | a body that is no protobuf    |

  @suite.prometheus.9
  Rule: When a remote write succeeds, Prometheus's answer shall have an empty body
    Revision: 42786717

    Scenario: Nothing is said of a success
      When a good remote write request is sent to Prometheus
      Then the answer has no body

  @suite.prometheus.11
  Rule: When a valid request of remote write 2.0 arrives, Prometheus shall answer with a status of 2xx and return every sample and every native histogram of it
    Revision: df95bb55

    Scenario: Series with every kind of number and native histograms are acknowledged and returned
      When a good remote write 2.0 request is sent to Prometheus
      Then it is acknowledged with a status of 2xx
      And every sample of it is returned
      And every native histogram of it is returned

  @suite.prometheus.12
  Rule: When a request of remote write 2.0 was taken, Prometheus's answer shall tell in its headers how many samples and native histograms were written
    Revision: 10e17641

    Scenario: The counts are those of the request
      When a good remote write 2.0 request is sent to Prometheus
      Then the answer tells how many samples and histograms were written
