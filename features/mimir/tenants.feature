@mimir
Feature: Mimir keeps the metrics of its tenants apart

  @suite.mimir.1
  Rule: If a write or a query names no tenant where multi-tenancy is on, Mimir shall refuse it with 401 and say why
    Revision: 49ac4adf

    Scenario: A write without a tenant is refused
      When samples are sent that name no tenant
      Then Mimir refuses it with status 401 and a reason

    Scenario: A query without a tenant is refused
      When a query is sent that names no tenant
      Then Mimir refuses it with status 401 and a reason

  @suite.mimir.2
  Rule: When one tenant has written samples, Mimir shall return none of them to another tenant
    Revision: 6cb06915

    Scenario: Another tenant does not see what one tenant wrote
      Given another tenant
      And 3 acknowledged series of 5 samples
      Then Mimir answers the other tenant with nothing of them
