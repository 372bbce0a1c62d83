@tempo
Feature: Tempo answers queries for traces

  @tempo-mimir.006.1
  Rule: When a recent trace is queried over HTTP, Tempo shall answer within 5 seconds
    Revision: 37e1c24f

    Scenario: A trace that was just acknowledged is answered
      Given an acknowledged trace of 4 spans
      When it is queried by its id
      Then Tempo answers with the whole trace within 5 seconds

  @tempo-mimir.006.2
  Rule: When a query names a trace id, Tempo shall return that trace complete
    Revision: e40d7bac

    Scenario: Every combination of two features that a span can have is read back unchanged
      Given acknowledged traces that combine every two features of a span
      When all of them are queried by their ids
      Then Tempo answers for each with the whole trace

  @tempo-mimir.006.3
  Rule: If a queried trace does not exist, Tempo shall answer 404 with a message that a person understands
    Revision: 63b9693a

    Scenario: The answer for a trace that was never sent tells what was not found
      When a trace is queried that was never sent
      Then Tempo answers with status 404 and a message that tells what was not found

  @tempo-mimir.006.4
  Rule: When several queries run at once, Tempo shall answer each of them within 5 seconds
    Revision: aebf1a70

    Scenario: Ten queries by id at once are all answered in time
      Given 10 acknowledged traces of 4 spans that Tempo can find
      When all of them are queried by their ids at once
      Then each of the answers comes within 5 seconds

  @tempo-mimir.006.5
  Rule: When a known trace is asked for at /api/traces/ with its id, Tempo shall answer 200
    Revision: 0acc9b6d

    Scenario: The status for a known trace is 200
      Given an acknowledged trace of 4 spans that Tempo can find
      When it is queried by its id
      Then Tempo answers with status 200

  @tempo-mimir.006.6
  Rule: If a random trace id that does not exist is queried, Tempo shall answer within 5 seconds
    Revision: 97d5dbb1

    Scenario: A trace that was never sent is not found, in time
      When a trace is queried that was never sent
      Then Tempo answers within 5 seconds that there is no such trace

  @tempo-mimir.006.7
  Rule: When 10 traces are queried by their ids at once, every answer of Tempo shall hold the trace that was asked for
    Revision: 8408232c

    Scenario: Ten queries by id at once are each answered with the trace that was asked for
      Given 10 acknowledged traces of 4 spans that Tempo can find
      When all of them are queried by their ids at once
      Then each of the answers is the whole trace that was asked for

  @suite.tempo.1
  Rule: If a trace id is malformed, Tempo shall answer 400 within 5 seconds and say what is wrong with it
    Revision: c106ee87

    Scenario Outline: The id "<id>" is refused
      When the trace id "<id>" is queried
      Then Tempo answers with status 400 and a reason within 5 seconds

      Examples:
        | id                                    |
        | not-hexadecimal                       |
        | 0123456789abcdef0123456789abcdef01234 |

  @lgtm.019.2
  Rule: When traces are searched, Tempo shall return the results within 5 seconds
    Revision: 0abb9069

    Scenario: A search for a trace that can be found answers in time
      Given an acknowledged trace that a search by resource attribute can find
      When traces are searched by resource attribute
      Then the search result holds that trace and comes within 5 seconds

  @suite.tempo.2
  Rule: When traces are searched by resource attribute, by duration or by span name, Tempo shall find exactly those that match
    Revision: c40baadd

    Scenario Outline: A search by <criterion> finds the matching traces and no others
      Given 3 acknowledged traces that match a search by <criterion>
      And 3 acknowledged traces that differ from them in <criterion>
      When traces are searched by <criterion>
      Then exactly the matching traces are found

      Examples:
        | criterion          |
        | resource attribute |
        | duration           |
        | span name          |
