@tempo @disruptive @slow
Feature: Tempo outlives the loss of its storage credentials

  @tempo-mimir.005.6
  Rule: While Tempo's storage credentials are invalid, Tempo shall accept traces and buffer them
    Revision: a1fc8dc9

    Scenario: Traces sent meanwhile are acknowledged and answered
      Given Tempo's storage credentials were invalid for a while
      Then Tempo acknowledged every trace that was sent meanwhile
      And Tempo held each of them in its memory before the credentials were put right

  @tempo-mimir.005.7
  Rule: While Tempo's storage credentials are invalid, its log shall tell of failing writes to storage
    Revision: 09e8534e

    Scenario: Log and metrics tell of the failing writes
      Given Tempo's storage credentials were invalid for a while
      Then Tempo's log of that time records a storage write error
      And Tempo's count of failed flushes rose in that time

  @tempo-mimir.005.8
  Rule: When invalid storage credentials have been put right, Tempo shall have lost none of the traces that it accepted meanwhile
    Revision: 6bf07c2a

    Scenario: Every trace accepted meanwhile reaches the bucket
      Given Tempo's storage credentials were invalid for a while
      Then the bytes of the blocks in the bucket hold each trace that was accepted meanwhile

  @suite.tempo.8
  Rule: If Tempo starts with storage credentials that are not accepted, its log shall name that cause
    Revision: 791e8ef0

    Scenario: A start with a disabled storage user is explained in the log
      Given Tempo was restarted with storage credentials that are not accepted
      Then Tempo's log since that start names the refused credentials
      And Tempo is ready again once they are put right
