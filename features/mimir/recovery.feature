@mimir @disruptive
Feature: Mimir recovers from the loss of its instance

  @suite.mimir.5
  Rule: When Mimir is restarted, it shall within 5 minutes be ready and return every sample that it acknowledged before
    Revision: f1b5350d

    Scenario: The replacement is ready and answers for what was acknowledged
      Given Mimir was restarted while it held flushed and unflushed samples
      Then the workload was ready within 5 minutes of the restart
      And within 5 minutes of the restart Mimir answered for every sample that was acknowledged before

  @suite.mimir.6
  Rule: When Mimir is back after a restart, it shall take writes again at once
    Revision: 65995368

    Scenario: The first write after the restart is acknowledged
      Given Mimir was restarted while it held flushed and unflushed samples
      Then the first write that was sent when Mimir was ready again was acknowledged

  @suite.mimir.7
  Rule: While Mimir is restarted, it shall neither lose nor double a sample that it acknowledged, be it before, during or after
    Revision: 7e3fe3fd

    Scenario: What a writer got acknowledged through the restart is answered, each sample once
      Given Mimir was restarted while it held flushed and unflushed samples
      Then every sample that the writer got acknowledged is answered, each once

  @suite.mimir.8
  Rule: If Mimir is killed without warning, it shall within 5 minutes return every sample that it acknowledged, once and unchanged
    Revision: b500dd5e

    Scenario: Samples that were just acknowledged are answered after the kill
      Given Mimir was killed when it had just acknowledged samples
      Then within 5 minutes Mimir answers for every one of them, each once
