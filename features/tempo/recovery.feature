@tempo @disruptive
Feature: Tempo recovers from the loss of its instance

  Background:
    Given Tempo was restarted while it held flushed and unflushed traces

  @tempo-mimir.007.1
  Rule: When Tempo is ended, it shall run again and be connected to object storage again within 5 minutes
    Revision: a69066da

    Scenario: The replacement is ready and reads its blocks
      Then the workload was ready within 5 minutes of the restart
      And Tempo's blocks alone answered for the flushed traces within 5 minutes of the restart

  @tempo-mimir.007.2
  Rule: When Tempo has been restarted, it shall return the traces that it ingested before
    Revision: 351fd474

    Scenario: Flushed and unflushed traces are answered
      Then Tempo answers for every trace that was acknowledged before the restart

  @tempo-mimir.007.3
  Rule: If the data are in object storage, Tempo shall restore its state without a manual step
    Revision: a856370d

    Scenario: Nothing but the restart was done, and the blocks answer
      Then Tempo's blocks alone answer for the flushed traces, though nobody lent a hand

  @tempo-mimir.007.4
  Rule: When Tempo is back after a restart, it shall take traces over OTLP again at once
    Revision: dc98eeff

    Scenario: The first trace after the restart is acknowledged
      Then the first trace that was sent when Tempo was ready again was acknowledged

  @tempo-mimir.007.5
  Rule: When Tempo has been restarted, it shall be connected to object storage again without errors
    Revision: 88683758

    Scenario: The log since the restart holds no storage error
      Then Tempo's log since the restart holds no storage error

  @tempo-mimir.007.6
  Rule: When an earlier trace is queried after a restart, Tempo shall answer within 5 seconds
    Revision: 4ac97216

    Scenario: An earlier trace is answered in time
      When a trace from before the restart is queried by its id
      Then Tempo answers with the whole trace within 5 seconds

  @tempo-mimir.007.7
  Rule: When an earlier trace is queried after a restart, Tempo shall answer with the same data as before it
    Revision: 8cea586f

    Scenario: The answers before and after are the same
      Then Tempo answers for every trace just as it did before the restart

  @tempo-mimir.007.8
  Rule: When a new trace is sent after a restart, Tempo shall accept it and persist it
    Revision: e166ef97

    Scenario: A trace sent after the restart reaches the bucket
      When a trace of 4 spans is sent over OTLP gRPC
      Then the bytes of one block in the bucket hold the whole trace

  @suite.tempo.9
  Rule: While Tempo is restarted, it shall neither lose nor double a trace that it acknowledged, be it before, during or after
    Revision: 9a7090f6

    Scenario: A writer and a reader go on through the restart
      Then every trace that the writer got acknowledged is answered whole, each span once

  @tempo-mimir.007.9
  Rule: When 10 minutes have passed since a new trace was sent after a restart, Tempo shall return it to a query
    Revision: 6461c655

    Scenario: The first trace after the restart is still answered when memory no longer holds it
      Given the first trace that was sent when Tempo was ready again
      And 10 minutes have passed, or Tempo's memory has let go of it
      When it is queried by its id
      Then Tempo answers with the whole trace
