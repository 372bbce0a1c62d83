@mimir
Feature: Mimir answers queries for metrics

  @tempo-mimir.013.1
  Rule: When a PromQL query covers up to 7 days, Mimir shall return its results within 3 seconds
    Revision: 67866934

    Scenario: A query over the whole range is answered in time
      Given 3 acknowledged series of 5 samples that Mimir can find
      When they are queried with PromQL over the last 7 days
      Then Mimir answers with their value at every step within 3 seconds

  @tempo-mimir.013.2
  Rule: When a query names a metric, Mimir shall return the time series of that metric
    Revision: 6cf6950a

    Scenario: Every series of a metric is returned, and none of another
      Given 3 acknowledged metrics of 4 series that Mimir can find
      When all of the metrics are queried with PromQL at once
      Then each of the answers holds exactly the series that were asked for

  @tempo-mimir.013.3
  Rule: If a queried metric does not exist, Mimir shall answer 200 with an empty result
    Revision: df7d1cf2

    Scenario: The answer for a metric that was never written is empty
      When a metric is queried that was never written
      Then Mimir answers with status 200 and an empty result

  @tempo-mimir.013.4
  Rule: When several PromQL queries run at once, Mimir shall answer each of them within 3 seconds
    Revision: 1e9ea949

    Scenario: Ten queries at once are all answered in time
      Given 10 acknowledged metrics of 4 series that Mimir can find
      When all of the metrics are queried with PromQL at once
      Then each of the answers of Mimir comes within 3 seconds

  @tempo-mimir.013.5
  Rule: When a metric of the last 24 hours is queried at /prometheus/api/v1/query, Mimir shall answer 200
    Revision: f13bb282

    Scenario: The status for a metric that was just written is 200
      Given 3 acknowledged series of 5 samples that Mimir can find
      When they are queried with PromQL
      Then Mimir answers the query with status 200

  @tempo-mimir.013.6
  Rule: When a metric of the last 7 days is queried at /prometheus/api/v1/query_range, Mimir's answer shall cover the whole range
    Revision: 0ec074ec

    Scenario: No step of the range is left out
      Given 3 acknowledged series of 5 samples that Mimir can find
      When they are queried with PromQL over the last 7 days
      Then Mimir answers with their value at every step

  @tempo-mimir.013.7
  Rule: If a metric that does not exist is queried, Mimir shall answer within 3 seconds
    Revision: 1e74e7b2

    Scenario: A metric that was never written is not found, in time
      When a metric is queried that was never written
      Then Mimir answers within 3 seconds that there is nothing

  @tempo-mimir.013.8
  Rule: When 10 PromQL queries run at once, every answer of Mimir shall hold the time series that were asked for
    Revision: 484059b8

    Scenario: Ten queries at once are each answered with the series that were asked for
      Given 10 acknowledged metrics of 4 series that Mimir can find
      When all of the metrics are queried with PromQL at once
      Then each of the answers holds exactly the series that were asked for

  @suite.mimir.4
  Rule: If a PromQL expression is malformed, Mimir shall answer 400 with the position of the fault
    Revision: 7ce47c64

    Scenario Outline: The expression "<expression>" is refused
      When the expression "<expression>" is queried
      Then Mimir answers with status 400 and the position of the fault

      Examples:
        | expression  |
        | sum(up      |
        | up{job=}    |
        | rate(up)    |
