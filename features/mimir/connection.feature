@mimir
Feature: Mimir is linked to its object storage as agreed

  @tempo-mimir.009.4
  Rule: When Mimir reaches object storage, Mimir shall do so over HTTPS and at the target's storage endpoint only
    Revision: 894ffb0c

    Scenario: Every storage of the running configuration is reached over HTTPS at the endpoint
      When Mimir's running configuration is read
      Then its storage endpoint is the target's, over HTTPS only

  @tempo-mimir.010.4
  Rule: When Mimir runs, its endpoint for remote write shall listen on the target's port, by default 8080, at the path /api/v1/push
    Revision: aa27f188

    Scenario: The port of the running configuration is the one that answers
      When Mimir's running configuration is read
      Then its HTTP server listens on the target's port
      And a remote write request is accepted at /api/v1/push

  @tempo-mimir.010.8
  Rule: Where Mimir's running configuration is read, its storage endpoint shall be the target's storage endpoint
    Revision: feb27075

    Scenario: The running configuration names the endpoint
      When Mimir's running configuration is read
      Then its storage endpoint is the target's

  @tempo-mimir.010.9
  Rule: Where Mimir's running configuration is read, its bucket for blocks shall be the target's bucket for blocks
    Revision: dd504ccf

    Scenario: The running configuration names the bucket
      When Mimir's running configuration is read
      Then its storage bucket is the target's

  @tempo-mimir.010.10
  Rule: When Mimir has started, Mimir shall be connected to its bucket for blocks
    Revision: 7e6ae180

    Scenario: Mimir's own counters tell of requests that its bucket answered
      Then Mimir counts requests that its storage answered, since its start

  @tempo-mimir.011.3
  Rule: While Mimir is connected to object storage, Mimir shall log neither authentication errors nor connection errors of it
    Revision: ac7344b1

    Scenario: The log of a healthy start is free of storage errors
      Given a search of the log that finds recorded authentication and connection errors
      Then it finds none in the log of Mimir's start, nor in that of this run

  @tempo-mimir.011.4
  Rule: When Mimir reaches its bucket, Mimir shall use HTTPS and credentials of its own
    Revision: df651c9a

    Scenario: The credentials of the running configuration are Mimir's alone
      When Mimir's running configuration is read
      Then its storage endpoint is the target's, over HTTPS only
      And its storage credentials are those of Mimir's own account

  @tempo-mimir.011.7
  Rule: When Mimir opens its storage, Mimir shall log no failure to do so
    Revision: 9b4d163c

    Scenario: The start checked the storage, and left no storage error in the log
      Given a search of the log that finds recorded authentication and connection errors
      Then the log of Mimir's start tells that its object storage was checked
      And it finds none in the log of Mimir's start
