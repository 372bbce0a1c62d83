@tempo @disruptive @slow
Feature: Tempo stays within its memory

  @suite.tempo.7
  Rule: While 2,000 spans a second arrive for 1 minute, Tempo's memory shall stay within 1 GiB
    Revision: 8af3b6cd

    Scenario: Memory is watched through a minute of load
      Then Tempo's memory stays within 1 GiB while 2000 spans a second arrive for 1 minute
