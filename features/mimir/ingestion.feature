@mimir
Feature: Mimir accepts samples over remote write

  @tempo-mimir.012.1
  Rule: When samples reach Mimir's endpoint for remote write, Mimir shall accept and acknowledge them within 1 minute
    Revision: 064b07c7

    Scenario Outline: Samples sent by <writer> are acknowledged
      When 3 series of 5 samples are sent by <writer>
      Then Mimir acknowledges them within 1 minute

      Examples:
        | writer                              |
        | remote write                        |
        | the package prometheus-remote-write |

  @tempo-mimir.012.2
  Rule: When samples have been acknowledged, Mimir shall hold them in its storage within 1 minute
    Revision: 24447ee3

    Scenario: Acknowledged samples are returned by queries
      Given 3 acknowledged series of 5 samples
      Then queries return all of them within 1 minute

  @tempo-mimir.012.3
  Rule: If Mimir cannot ingest a remote write request, Mimir shall answer with an error that describes the cause
    Revision: 144b8200

    Scenario Outline: <request> is refused with the cause, and the next good samples are accepted
      When <request> is sent by remote write
      Then Mimir refuses it with an error that describes the cause
      And Mimir accepts the next good samples

      Examples:
        | request                         |
        | a body that snappy cannot read  |
        | a body that is no write request |
        | a series without a name         |
        | a series with too many labels   |
        | a sample from the far future    |
        | a sample that is too old        |

  @tempo-mimir.012.4
  Rule: When the test of ingestion ends, the samples that were sent shall be obtainable with PromQL
    Revision: 0d9457e6

    Scenario: PromQL counts and sums up what was sent
      Given 3 acknowledged series of 5 samples
      When they are queried with PromQL
      Then PromQL's count and sum of them are those of what was sent

  @tempo-mimir.012.5
  Rule: When a remote write succeeds, Mimir shall answer 200
    Revision: 69e99dbc

    Scenario: The status for good samples is 200
      When 3 series of 5 samples are sent by remote write
      Then Mimir acknowledges them with status 200

  @tempo-mimir.012.6
  Rule: When samples that were just written are queried with PromQL, Mimir shall return them within 3 seconds
    Revision: f3516fd1

    Scenario: Samples that were just acknowledged are answered
      Given 3 acknowledged series of 5 samples
      When they are queried with PromQL
      Then Mimir answers with exactly these samples within 3 seconds

  @tempo-mimir.012.7
  Rule: When written samples are read back, their values shall be those that were sent
    Revision: 87942b33

    Scenario: Every kind of number is read back unchanged
      Given acknowledged samples of every kind of number
      When they are queried with PromQL
      Then Mimir answers with exactly these samples

  @tempo-mimir.017.7
  Rule: When Mimir accepts remote write requests, Mimir's log shall show that they are ingested with success
    Revision: 6487e6b0

    Scenario: The count of received samples rises, and the log tells of no error
      Given Mimir's count of received samples is known
      When 3 series of 5 samples are sent by remote write
      Then Mimir's count of received samples rises by every one of them
      And Mimir's log since then holds no error of ingestion

  @suite.mimir.3
  Rule: If a write is refused for one of its series, Mimir shall keep the others
    Revision: c6ac6dd2

    Scenario: The good series of a refused request is kept
      When a request is sent of which one series is good and another has no name
      Then Mimir refuses it with an error that describes the cause
      And queries return the good series, and no other
