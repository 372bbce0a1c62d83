@mimir
Feature: Mimir keeps what is unusual as it was meant

  @suite.mimir.11
  Rule: When a series is ended by a staleness marker, Mimir shall return nothing of it at a time after the marker
    Revision: 67516b7f

    Scenario: The series is there before the marker, and not after it
      Given an acknowledged series that a staleness marker has ended
      Then Mimir answers with it at a time before the marker, and with nothing after it

  @suite.mimir.12
  Rule: While samples are late by less than Mimir's window for out-of-order samples, Mimir shall accept them and return them in the order of time
    Revision: b3f71aa4

    Scenario: Samples that come after younger ones take their place
      When samples are sent of which the older ones come last
      Then Mimir acknowledges each of these writes
      And Mimir answers with all of these samples in the order of time

  @suite.mimir.13
  Rule: If samples are written twice, Mimir shall acknowledge both writes and return each sample once
    Revision: a87029b2

    Scenario: The same request is sent twice
      When 3 series of 5 samples are sent twice
      Then Mimir acknowledges each of these writes
      And Mimir answers with all of these samples in the order of time

  @suite.mimir.14
  Rule: If a sample is written again at the same time with another value, Mimir shall refuse it and keep the first value
    Revision: 35910693

    Scenario: The second value is refused
      Given 3 acknowledged series of 5 samples
      When their last samples are sent again with another value
      Then Mimir refuses it with an error that describes the cause
      And Mimir answers with all of these samples in the order of time

  @suite.mimir.15
  Rule: Where native histograms are enabled, Mimir shall return each one that it acknowledged with its sum and every bucket
    Revision: 9db8b50d

    Scenario Outline: Native histograms are returned whole: <histograms>
      Given 3 acknowledged native histograms: <histograms>
      Then Mimir answers with their sums and every bucket

      Examples:
        | histograms                                         |
        | exponential ones with negative and zero buckets    |
        | exponential ones of a fine resolution              |
        | those of a gauge, whose counts are no whole numbers |
        | those with custom buckets                          |

  @suite.mimir.22
  Rule: Where exemplars are kept, Mimir shall return each one that it acknowledged with its labels, its value and its time
    Revision: bd225d34

    Scenario: The exemplars of several series are returned
      Given 3 acknowledged series of 4 samples, each with an exemplar
      Then Mimir answers with each exemplar, its labels, value and time
