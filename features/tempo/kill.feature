@tempo @disruptive
Feature: Tempo survives a kill without warning

  @suite.tempo.6
  Rule: When Tempo is killed without warning, it shall answer within 5 minutes, complete and unchanged, for every trace acknowledged longer ago than trace_idle_period plus flush_check_period

    Scenario: Traces that had time to reach the write-ahead log are answered after the kill
      Given Tempo was killed while it held traces of every age
      Then within 5 minutes Tempo answers whole for every trace that was old enough
