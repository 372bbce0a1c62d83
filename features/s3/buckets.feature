@s3
Feature: The object storage has the buckets that its users need

  @lgtm.001.1
  Rule: When the buckets have been set up, the target's object storage shall have loki-chunks, tempo-traces and mimir-blocks
    Revision: 7957ac91

    Scenario: The buckets of logs, traces and metrics are in the list
      When the buckets of the object storage are listed
      Then the list holds Loki's bucket
      And the list holds Tempo's bucket
      And the list holds Mimir's bucket

  @parseable.DoD-001-01.1
  Rule: When the bucket for logs has been created, MinIO shall list it under the name parseable-logs
    Revision: 61ad8bb6

    Scenario: The bucket is in the list
      When the buckets of the object storage are listed
      Then the list holds Parseable's bucket

  @platform.10.1.3
  Rule: MinIO on the Synology shall have a bucket for the backups of VolSync
    Revision: c561437c

    Scenario: The bucket is in the list
      When the buckets of the object storage are listed
      Then the list holds VolSync's bucket

  @thanos.T006.1
  Rule: When the buckets at https://172.20.40.21:30001 are listed with the credentials minio/minio123, MinIO shall list the bucket thanos
    Revision: 53716fc7

    Scenario: The bucket is in the list
      When the buckets of the object storage are listed
      Then the list holds Thanos's bucket

  @thanos.T007.1
  Rule: When the buckets are listed, MinIO shall list opensearch-logs, which takes the snapshots of logs
    Revision: 452d59dd

    Scenario: The bucket is in the list
      When the buckets of the object storage are listed
      Then the list holds OpenSearch's bucket

  @thanos.T008.1
  Rule: When the buckets are listed, MinIO shall list longhorn-backups, which takes the backups of volumes
    Revision: 9fcbd6ae

    Scenario: The bucket is in the list
      When the buckets of the object storage are listed
      Then the list holds Longhorn's bucket

  @thanos.Phase2-Checkpoint.1
  Rule: When phase 2 is complete, MinIO shall have every bucket that its tasks name
    Revision: b6613c11

    Scenario: All of them are in the list
      When the buckets of the object storage are listed
      Then the list holds Thanos's bucket
      And the list holds OpenSearch's bucket
      And the list holds Longhorn's bucket
