@mimir
Feature: Mimir keeps samples as blocks in its bucket

  @tempo-mimir.011.8
  Rule: When Mimir has opened its storage, Mimir shall be able to create blocks in the target's bucket for blocks
    Revision: 310dec66

    Scenario: The samples of this run are in the bucket's blocks, by two readers
      Given 3 acknowledged series whose samples are older than what ingesters are asked for
      When Mimir is told to flush
      Then the bytes of the blocks in the bucket hold every one of these samples, and Mimir answers from them alone

  @tempo-mimir.014.1
  Rule: When Mimir's compaction interval has elapsed, Mimir shall compact blocks on its local disk
    Revision: b2e2c30e

    Scenario: Blocks of one range of time are merged
      Given acknowledged samples in 2 blocks of the bucket
      Then a block of the bucket is made of at least two of them, with every sample of theirs

  @tempo-mimir.014.2
  Rule: When Mimir has compacted blocks, Mimir shall upload the result to the target's bucket for blocks
    Revision: 0f511e4e

    Scenario: The merged block is in the bucket, and its sources are retired
      Given acknowledged samples in 2 blocks of the bucket
      And they have been merged
      Then the blocks that were merged are marked for deletion, or gone

  @tempo-mimir.014.4
  Rule: When the target's bucket for blocks is examined after a compaction, the objects of compacted blocks shall be found
    Revision: 9ffb0c5d

    Scenario: The merged block names its sources
      Given acknowledged samples in 3 blocks of the bucket
      Then a block of the bucket is made of at least two of them, with every sample of theirs

  @tempo-mimir.014.5
  Rule: When Mimir's compactor has run, Mimir's log shall say that a compaction was completed
    Revision: 1257ea52

    Scenario: The log names the new block and tells of success
      Given acknowledged samples in 2 blocks of the bucket
      And they have been merged
      Then Mimir's log tells of the compacted blocks and of a compaction that succeeded

  @tempo-mimir.014.6
  Rule: When the target's bucket for blocks is listed, the list shall hold blocks with their meta.json
    Revision: 370b60ac

    Scenario: Each block has what belongs to it
      Given 3 acknowledged series of 5 samples
      When Mimir is told to flush
      Then each of these blocks has its meta.json, its index and its chunks

  @tempo-mimir.014.7
  Rule: When the target's bucket for blocks is listed, the objects of blocks in it shall have been modified recently
    Revision: 9dffe8db

    Scenario: The blocks are as young as the samples in them
      Given 3 acknowledged series of 5 samples
      When Mimir is told to flush
      Then each of these blocks was modified since the samples were sent

  @tempo-mimir.010.6
  Rule: When Mimir has compacted blocks, Mimir shall upload the result to object storage and delete its local copies
    Revision: 3886c5d2

    Scenario: The merged block is in the bucket, and the compactor has kept nothing
      Given acknowledged samples in 2 blocks of the bucket
      And they have been merged
      Then a block of the bucket is made of at least two of them, with every sample of theirs
      And the compactor holds no local copy of them, of which its log told

  @tempo-mimir.014.3
  Rule: When compacted blocks have been uploaded, Mimir shall delete its local copies of them to free disk space
    Revision: 43a0aa52

    Scenario: The files that the compactor downloaded and made are gone
      Given acknowledged samples in 3 blocks of the bucket
      And they have been merged
      Then the compactor holds no local copy of them, of which its log told

  @tempo-mimir.014.8
  Rule: When compacted blocks have been uploaded, Mimir's use of its local disk shall fall
    Revision: a64d7887

    Scenario: The blocks that were merged use less than while they were merged
      Given acknowledged samples in 2 blocks of the bucket
      And they have been merged
      Then they use less of the compactor's disk than its log told
