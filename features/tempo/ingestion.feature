@tempo
Feature: Tempo accepts traces over OTLP

  @tempo-mimir.005.1
  Rule: When a trace reaches Tempo over OTLP, Tempo shall accept and acknowledge it within 1 second
    Revision: 3bbd4688

    Scenario Outline: A trace sent over OTLP <transport> is acknowledged
      When a trace of 4 spans is sent over OTLP <transport>
      Then Tempo acknowledges it within 1 second

      Examples:
        | transport |
        | gRPC      |
        | HTTP      |

    Scenario: A trace sent as instrumented programs send it is acknowledged
      When a trace of 4 spans is sent by OpenTelemetry's own exporter
      Then Tempo acknowledges it within 1 second

    Scenario: Every combination of two features that a span can have is acknowledged
      When traces that combine every two features of a span are sent
      Then Tempo acknowledges each of them within 1 second

  @tempo-mimir.005.3
  Rule: If Tempo cannot ingest a trace, it shall answer with an error that describes the cause
    Revision: a62f78f9

    Scenario Outline: <payload> over OTLP <transport> is refused with the cause, and the next trace is accepted
      When <payload> is sent over OTLP <transport>
      Then Tempo refuses it with an error that describes the cause
      And Tempo accepts the next good trace

      Examples:
        | payload              | transport |
        | a malformed payload  | gRPC      |
        | a malformed payload  | HTTP      |
        | an oversized payload | gRPC      |
        | an oversized payload | HTTP      |

  @suite.tempo.3
  Rule: When the spans of one trace arrive in several batches, Tempo shall return them as one trace
    Revision: 163f598c

    Scenario: A trace of 12 spans that was sent in 4 batches is one trace
      Given an acknowledged trace of 12 spans that was sent in 4 batches
      When it is queried by its id
      Then Tempo answers with the whole trace

  @suite.tempo.4
  Rule: If a trace exceeds the configured size, Tempo shall discard what is too much and count the discarded spans by reason
    Revision: 509383e1

    Scenario: A trace over the size limit is acknowledged, discarded and counted
      When a trace over the configured size limit is sent
      Then Tempo acknowledges it, and answers without the spans that are too much
      And Tempo's discard counter tells of every missing span, as of too large a trace

  @tempo-mimir.003.4
  Rule: When Tempo runs, its OTLP receiver shall listen for gRPC on the target's port, by default 4317
    Revision: 8d91294b

    Scenario: The receiver of the running configuration is the one that answers
      When Tempo's running configuration is read
      Then its OTLP gRPC receiver listens on the target's port
      And an OTLP gRPC request is accepted there
