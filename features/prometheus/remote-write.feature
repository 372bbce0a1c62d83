@prometheus @mimir
Feature: What Prometheus scrapes is written to Mimir

  @tempo-mimir.017.6
  Rule: When Prometheus has scraped the targets of its ServiceMonitors, their samples shall be sent to Mimir within 1 minute
    Revision: 88d1258e

    Scenario Outline: Metrics of every type, told as <format>, are answered by Mimir
      Given a target of Prometheus with metrics of every type, told as <format>
      When Prometheus has scraped it
      Then Mimir answers with every series of it within 1 minute

      Examples:
        | format      |
        | text        |
        | OpenMetrics |

  @tempo-mimir.017.8
  Rule: While Prometheus writes remotely to Mimir, fewer than 1000 samples shall be pending in its queue
    Revision: a81258b8

    Scenario: The queue stays short while samples come and go
      Given a target that Prometheus scrapes
      Then fewer than 1000 samples are pending while it is watched

  @tempo-mimir.017.9
  Rule: While Prometheus writes remotely to Mimir, the number of samples that it failed to send shall be zero or minimal
    Revision: ea855012

    Scenario: The count of failed samples stays as it is
      Given a target that Prometheus scrapes
      Then no sample failed while others were sent

  @tempo-mimir.017.10
  Rule: While Prometheus writes remotely to Mimir, the number of samples that it sent with success shall keep rising
    Revision: 6a251cf9

    Scenario: The count of sent samples rises, and rises again
      Given a target that Prometheus scrapes
      Then the count of samples sent with success keeps rising

  @lgtm.021.2
  Rule: When the metrics of Prometheus are checked, its page /targets shall show that remote write succeeds
    Revision: 2b17ae70

    Scenario: Samples are sent, and none fails or is dropped
      Given a target that Prometheus scrapes
      Then no sample failed or was dropped while others were sent

  @lgtm.021.3
  Rule: While metrics are queried, Mimir shall return the same results as Prometheus asked directly
    Revision: 873f4b0f

    Scenario: Every sample of a target is the same in both
      Given a target that Prometheus scrapes
      Then Mimir answers with the same samples of it as Prometheus itself

  @suite.prometheus.1
  Rule: Where external labels are configured, Prometheus shall give them to every series that it writes remotely
    Revision: 31efcdde

    Scenario: The series of a target have them in Mimir
      Given a target that Prometheus scrapes
      Then each series of it in Mimir has the external labels of Prometheus

  @suite.prometheus.3
  Rule: When Prometheus is told to reload its configuration, it shall do so without a restart and go on to scrape and to write
    Revision: dbf807aa

    Scenario: A reload disturbs nothing
      Given a target that Prometheus scrapes
      When Prometheus is told to reload its configuration
      Then it has read its configuration with success, and was not started again
      And it goes on to scrape the target and to write to Mimir

  @tempo-mimir.017.11
  Rule: Where queueConfig of remoteWrite is declared, its values shall be capacity 10000, maxShards 200, minShards 1, maxSamplesPerSend 1000, batchSendDeadline 5s, minBackoff 30ms and maxBackoff 100ms
    Revision: f29d30ca

    Scenario: The queue that runs has the values of the document on Tempo and Mimir
      When Prometheus' running configuration is read
      Then its remote write to Mimir has a queue with
        | capacity             | 10000 |
        | max_shards           | 200   |
        | min_shards           | 1     |
        | max_samples_per_send | 1000  |
        | batch_send_deadline  | 5s    |
        | min_backoff          | 30ms  |
        | max_backoff          | 100ms |

  @lgtm.017.3
  Rule: While remote write to Mimir is in use, its queue shall be configured with capacity 10000, maxShards 50 and minShards 1
    Revision: d754476a

    Scenario: The queue that runs has the values of the document on the LGTM stack
      When Prometheus' running configuration is read
      Then its remote write to Mimir has a queue with
        | capacity   | 10000 |
        | max_shards | 50    |
        | min_shards | 1     |

  @lgtm.017.6
  Rule: Where the queue of remote write to Mimir is tuned, it shall have maxSamplesPerSend 5000, batchSendDeadline 5s, minBackoff 30ms and maxBackoff 5s
    Revision: 08fea2f3

    Scenario: The queue that runs is tuned as the document on the LGTM stack says
      When Prometheus' running configuration is read
      Then its remote write to Mimir has a queue with
        | max_samples_per_send | 5000 |
        | batch_send_deadline  | 5s   |
        | min_backoff          | 30ms |
        | max_backoff          | 5s   |

  @lgtm.017.7
  Rule: Where remote write to Mimir is declared, it shall forward all metrics of Prometheus
    Revision: 993fa298

    Scenario: No rule on the way to Mimir chooses among series
      When Prometheus' running configuration is read
      Then its remote write to Mimir leaves no series out
