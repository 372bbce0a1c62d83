@mimir @disruptive @slow
Feature: Mimir outlives the loss of its storage credentials

  @tempo-mimir.012.8
  Rule: While Mimir's storage credentials are invalid, Mimir shall accept samples and buffer them for 2 hours
    Revision: ca6a0a2a

    Scenario: Samples sent meanwhile are acknowledged and answered
      Given Mimir's storage credentials were invalid for a while
      Then Mimir acknowledged every write that was sent meanwhile
      And Mimir held each of them in its memory before the credentials were put right

  @tempo-mimir.012.9
  Rule: While Mimir's storage credentials are invalid, its log shall tell of failing writes to storage
    Revision: 3f5661a0

    Scenario: Log and metrics tell of the failing writes
      Given Mimir's storage credentials were invalid for a while
      Then Mimir's log of that time records a storage write error
      And Mimir's count of failed operations rose in that time

  @tempo-mimir.012.10
  Rule: When invalid storage credentials have been put right, Mimir shall have lost none of the samples that it accepted meanwhile
    Revision: 8b39bde7

    Scenario: Every sample accepted meanwhile reaches the bucket
      Given Mimir's storage credentials were invalid for a while
      Then the bytes of the blocks in the bucket hold every sample that was accepted meanwhile, and queries return them

  @suite.mimir.9
  Rule: If Mimir starts with storage credentials that are not accepted, its log shall name that cause
    Revision: 50c5128a

    Scenario: A start with a disabled storage user is explained in the log
      Given Mimir was restarted with storage credentials that are not accepted
      Then Mimir's log since that start names the refused credentials
      And Mimir is ready again once they are put right
