@s3
Feature: The object storage lets clients in as they ask

  @lgtm.001.3
  Rule: When the buckets are checked with the AWS CLI and test credentials, object storage shall give access to each of loki-chunks, tempo-traces and mimir-blocks
    Revision: 3b5afbad

    Scenario: The suite's own account lists each of them
      When the object storage is asked with the suite's own account
      Then it lists the objects of Loki's bucket
      And it lists the objects of Tempo's bucket
      And it lists the objects of Mimir's bucket

  @parseable.DoD-001-02.1
  Rule: When the bucket parseable-logs is accessed, its URL shall be of the path style
    Revision: 6042ac8b

    Scenario: The bucket is listed at such a URL
      When the object storage is asked by URLs of the path style
      Then it lists the objects of Parseable's bucket

  @parseable.DoD-001-02.2
  Rule: When the bucket parseable-logs is accessed, the region of the request shall be minio
    Revision: 203c834d

    Scenario: A listing that is signed for that region is answered
      When the object storage is asked in region minio
      Then it lists the objects of Parseable's bucket

  @parseable.TASK-001-V1.1
  Rule: When aws s3 ls asks the target's S3 endpoint for s3://parseable-logs/ in region minio, MinIO shall answer with the listing
    Revision: 7d71b29f

    Scenario: The listing in that region is answered
      When the object storage is asked in region minio
      Then it lists the objects of Parseable's bucket
