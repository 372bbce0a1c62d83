@mimir @disruptive @slow
Feature: Mimir stays within its memory

  @suite.mimir.10
  Rule: While 50,000 series are active and get a sample every 15 seconds, Mimir's memory shall stay within 1.5 GiB for 2 minutes
    Revision: dc03971a

    Scenario: Memory is watched while every series is active
      Then Mimir's memory stays within 1.5 GiB while 50000 series get a sample every 15 seconds for 2 minutes
