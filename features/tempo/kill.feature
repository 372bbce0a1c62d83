@tempo @disruptive
Feature: Tempo survives a kill without warning

  @suite.tempo.6
  Rule: If Tempo is killed without warning, it shall within 5 minutes return every trace complete and unchanged that it acknowledged longer ago than its idle period and its flush check period together
    Revision: 74a5406c

    Scenario: Traces that had time to reach the write-ahead log are answered after the kill
      Given Tempo was killed while it held traces of every age
      Then within 5 minutes Tempo answers whole for every trace that was old enough
