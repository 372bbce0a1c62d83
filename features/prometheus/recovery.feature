@prometheus @mimir @disruptive
Feature: Prometheus and Mimir lose nothing between them

  @tempo-mimir.017.4
  Rule: When Prometheus's pods have restarted, Prometheus shall begin to write samples to Mimir within 1 minute
    Revision: cbe59853

    @disrupts-prometheus
    Scenario: A target is scraped and written after the restart
      Given a target that Prometheus scrapes
      When Prometheus has been restarted, and is ready again
      Then Mimir answers within 1 minute with samples that were scraped since

  @lgtm.021.4
  Rule: If remote write fails, Prometheus shall show the number of errors in prometheus_remote_storage_samples_failed_total
    Revision: de3ec6c4

    @disrupts-prometheus
    Scenario: Samples that Mimir refuses for good are counted
      Given a target with a series that Mimir refuses
      When Prometheus has scraped it
      Then Prometheus counts the samples that it failed to send

  @suite.prometheus.2
  Rule: If Mimir is restarted while Prometheus writes to it, every sample that Prometheus scraped shall be in Mimir once it is back
    Revision: afaeffc3

    Scenario: What was scraped meanwhile is written when Mimir is back
      Given a target of Prometheus with metrics of every type, told as text
      When Mimir has been restarted while Prometheus wrote to it
      Then Mimir holds every sample that Prometheus scraped, and no other

  @suite.prometheus.10
  Rule: If Mimir is away for longer than Prometheus keeps samples that it could not send, Prometheus shall count each sample that is lost, and write those that it scrapes once Mimir is back
    Revision: 6d5ad898

    @slow
    Scenario: What is lost is counted, and then the writing goes on
      Given a target that Prometheus scrapes
      When Mimir is away for longer than Prometheus keeps samples that it could not send
      Then it goes on to scrape the target and to write to Mimir
      And Prometheus has counted as too old all that Mimir lacks of the target
