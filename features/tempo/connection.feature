@tempo
Feature: Tempo is linked to its object storage as agreed

  @tempo-mimir.002.4
  Rule: When Tempo reaches object storage, it shall do so over HTTPS and at the target's storage endpoint only
    Revision: 23eba153

    Scenario: The running configuration names the HTTPS endpoint
      When Tempo's running configuration is read
      Then its storage endpoint is the target's, over HTTPS only

  @tempo-mimir.003.7
  Rule: Where Tempo's running configuration is read, its storage endpoint shall be the target's storage endpoint
    Revision: 58db0b1a

    Scenario: The running configuration names the endpoint
      When Tempo's running configuration is read
      Then its storage endpoint is the target's

  @tempo-mimir.003.8
  Rule: Where Tempo's running configuration is read, its bucket shall be the target's bucket for traces
    Revision: ad0781ce

    Scenario: The running configuration names the bucket
      When Tempo's running configuration is read
      Then its storage bucket is the target's

  @tempo-mimir.003.9
  Rule: When Tempo has started, it shall be connected to its bucket
    Revision: efb8087f

    Scenario: Tempo's own counters tell of requests that its bucket answered
      Then Tempo counts requests that its storage answered, since its start

  @tempo-mimir.004.3
  Rule: If Tempo is connected to object storage, it shall log neither authentication errors nor connection errors of it
    Revision: 85dddb74

    Scenario: The log of a healthy start is free of storage errors
      Given a search of the log that finds recorded authentication and connection errors
      Then it finds none in the log of Tempo's start, nor in that of this run

  @tempo-mimir.004.4
  Rule: When Tempo reaches its bucket, it shall use HTTPS and credentials of its own
    Revision: 93be6710

    Scenario: The credentials of the running configuration are Tempo's alone
      When Tempo's running configuration is read
      Then its storage endpoint is the target's, over HTTPS only
      And its storage credentials are those of Tempo's own account

  @tempo-mimir.004.7
  Rule: When Tempo opens its storage, it shall log no failure to do so
    Revision: 043fa234

    Scenario: The start left no storage error in the log, and the bucket answers
      Given a search of the log that finds recorded authentication and connection errors
      Then it finds none in the log of Tempo's start
      And Tempo counts requests that its storage answered, since its start

  @suite.tempo.10
  Rule: Where Tempo's storage endpoint uses HTTPS, its certificate shall verify for that host
    Revision: c096afc7

    Scenario: The certificate of the storage endpoint verifies
      When Tempo's running configuration is read
      Then the certificate of its storage endpoint verifies for that host
