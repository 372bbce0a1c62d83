@s3
Feature: The buckets keep what they shall keep, for as long as agreed

  @lgtm.001.2
  Rule: Object storage shall have versioning enabled on bucket loki-chunks
    Revision: 590991e8

    Scenario: Its versioning is enabled, not suspended
      When the versioning of Loki's bucket is read
      Then it is enabled

  @lgtm.NFR-SCALE-001.1
  Rule: The buckets of Loki, Tempo and Mimir shall have an S3 lifecycle configuration
    Revision: c8766606

    Scenario: Loki's bucket has a rule that is enabled
      When the lifecycle rules of Loki's bucket are read
      Then at least one of them is enabled

    Scenario: Tempo's bucket has a rule that is enabled
      When the lifecycle rules of Tempo's bucket are read
      Then at least one of them is enabled

    Scenario: Mimir's bucket has a rule that is enabled
      When the lifecycle rules of Mimir's bucket are read
      Then at least one of them is enabled

  @thanos.T123.1
  Rule: The MinIO bucket opensearch-logs shall have a lifecycle rule that lets objects expire after 180 days
    Revision: 5f1eb394

    Scenario: A rule is about all of the bucket, and none expires anything sooner
      When the lifecycle rules of OpenSearch's bucket are read
      Then one of them expires every object of the bucket after 180 days
