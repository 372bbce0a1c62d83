@mimir
Feature: Mimir receives remote writes as the Remote-Write specifications say

  @suite.mimir.16
  Rule: When a valid remote write request arrives, Mimir shall answer with a status of 2xx and return every sample of it
    Revision: 52dead0d

    Scenario: Series with every kind of number are acknowledged and returned
      When a good remote write request is sent to Mimir
      Then it is acknowledged with a status of 2xx
      And every sample of it is returned

  @suite.mimir.17
  Rule: If a remote write request holds an invalid sample, Mimir shall answer 400
    Revision: 0fc01c8e

    Scenario Outline: <request> is refused
      When <request> is sent to Mimir
      Then it is refused with status 400

      Examples:
        | request                                |
        | a series with a repeated label name    |
        | a series with a label that has no name |

    Scenario: A second value for the same time is refused, and the first one stays
      When a sample is sent to Mimir twice, with two values
      Then it is refused with status 400
      And every sample of it is returned

  @suite.mimir.18
  Rule: If a request is no remote write request, Mimir shall answer with a status of 4xx
    Revision: 2cee5dd8

    Scenario Outline: <request> is refused
      When <request> is sent to Mimir
      Then it is refused with a status of 4xx

      Examples:
        | request                          |
        | a body that is not compressed    |
        | a body in snappy's framed format |
        | a body that is no protobuf       |

  @suite.mimir.19
  Rule: When a remote write request has fields of a later version 1.x, Mimir shall take what it knows of it
    Revision: 1acd7d97

    Scenario: An unknown field does not keep samples from being taken
      When a remote write request with fields of a later version is sent to Mimir
      Then it is acknowledged with a status of 2xx
      And every sample of it is returned

  @suite.mimir.20
  Rule: If Mimir refuses a remote write request, it shall say why in words that people can read
    Revision: 2ab48772

    Scenario Outline: The refusal of <request> is explained
      When <request> is sent to Mimir
      Then the refusal says why, in words

      Examples:
        | request                       |
        | a body that is not compressed |
        | a body that is no protobuf    |

  @suite.mimir.21
  Rule: When a remote write succeeds, Mimir's answer shall have an empty body
    Revision: cb605d67

    Scenario: Nothing is said of a success
      When a good remote write request is sent to Mimir
      Then the answer has no body

  @suite.mimir.23
  Rule: When a valid request of remote write 2.0 arrives, Mimir shall answer with a status of 2xx and return every sample and every native histogram of it
    Revision: f25d8bce

    Scenario: Series with every kind of number and native histograms are acknowledged and returned
      When a good remote write 2.0 request is sent to Mimir
      Then it is acknowledged with a status of 2xx
      And every sample of it is returned
      And every native histogram of it is returned

  @suite.mimir.24
  Rule: When a request of remote write 2.0 was taken, Mimir's answer shall tell in its headers how many samples and native histograms were written
    Revision: b7245883

    Scenario: The counts are those of the request
      When a good remote write 2.0 request is sent to Mimir
      Then the answer tells how many samples and histograms were written
