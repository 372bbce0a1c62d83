@tempo
Feature: Tempo keeps acknowledged traces in object storage

  @tempo-mimir.005.2
  Rule: When a trace has been acknowledged, Tempo shall hold it in its bucket within 10 minutes
    Revision: 37975b47

    Scenario: The bytes of a block and Tempo's own block-only query both tell of the whole trace
      Given an acknowledged trace of 4 spans
      Then the bytes of one block in the bucket hold the whole trace within 10 minutes, and Tempo's blocks alone answer for it

    Scenario: What pairs of features a span has makes no difference
      Given acknowledged traces that combine every two features of a span
      Then the bytes of the blocks in the bucket hold each whole trace within 10 minutes

  @tempo-mimir.005.4
  Rule: When a trace has been ingested, its data shall be found in the objects of the target's bucket
    Revision: d3f643e3

    Scenario: The block lies under the configured bucket and tenant and is complete
      Given an acknowledged trace of 4 spans
      Then a block under the configured bucket and tenant holds it, with its index and its bloom filter

  @tempo-mimir.005.5
  Rule: When 10 minutes have passed since a trace was ingested, Tempo's HTTP API shall return it
    Revision: 51c310d0

    Scenario: A trace is still answered when memory no longer holds it
      Given an acknowledged trace of 4 spans
      And 10 minutes have passed, or Tempo's memory has let go of it
      When it is queried by its id
      Then Tempo answers with the whole trace

  @suite.tempo.5
  Rule: When blocks have been written, Tempo shall within 2 hours merge them into a block of compaction level 1 or higher that holds every trace of its sources, and mark the sources as compacted or remove them
    Revision: dffaefcb

    Scenario: Blocks of this run become one
      Given acknowledged traces in 3 blocks of the bucket
      When further traces arrive now and then
      Then within 2 hours a block of compaction level 1 or higher holds every trace of at least 2 of them
      And these blocks are marked as compacted, or gone
