"""The GraphQL texts the connector sends, and the search filter they share."""

from __future__ import annotations

from datetime import UTC, datetime

PAGE_SIZE = 250
"""The largest `first` the vendor takes."""

WINDOW = 25_000
"""How many objects of one connection the vendor lets anybody page through."""

CUSTOMER = """
      id legacyResourceId firstName lastName state tags note locale createdAt updatedAt
      verifiedEmail dataSaleOptOut numberOfOrders
      amountSpent { amount currencyCode }
      defaultEmailAddress { emailAddress validFormat marketingState marketingOptInLevel marketingUpdatedAt }
      defaultPhoneNumber {
        phoneNumber marketingState marketingOptInLevel marketingUpdatedAt marketingCollectedFrom
      }
      defaultAddress { address1 address2 city provinceCode zip countryCodeV2 phone company }
"""
"""What is asked of a customer, pulled or fetched alone: both must bring the same record."""

CUSTOMERS = f"""
query Customers($n: Int!, $after: String, $q: String) {{
  customers(first: $n, after: $after, query: $q, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{ {CUSTOMER} }}
  }}
}}
"""

NODES = f"query Nodes($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Customer {{ {CUSTOMER} }} }} }}"

LINE = "id sku title quantity originalUnitPriceSet { shopMoney { amount currencyCode } }"
BUYER = "name firstName lastName phone address1 address2 city provinceCode zip countryCodeV2 company"

ORDERS = f"""
query Orders($n: Int!, $after: String, $q: String) {{
  orders(first: $n, after: $after, query: $q, sortKey: UPDATED_AT) {{
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      id legacyResourceId name email phone createdAt updatedAt processedAt cancelledAt test currencyCode
      displayFinancialStatus displayFulfillmentStatus
      customer {{ id }}
      billingAddress {{ {BUYER} }}
      shippingAddress {{ {BUYER} }}
      totalPriceSet {{ shopMoney {{ amount currencyCode }} }}
      totalRefundedSet {{ shopMoney {{ amount currencyCode }} }}
      lineItems(first: 50) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {LINE} }} }}
    }}
  }}
}}
"""

MORE_LINES = f"""
query MoreLines($id: ID!, $after: String) {{
  order(id: $id) {{
    lineItems(first: 250, after: $after) {{ pageInfo {{ hasNextPage endCursor }} nodes {{ {LINE} }} }}
  }}
}}
"""

SHOP = "query Shop { shop { name } currentAppInstallation { accessScopes { handle } } }"

SAMPLE = """
query Sample($n: Int!) {
  customers(first: $n, sortKey: ID, reverse: true) {
    nodes { firstName lastName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } }
  }
}
"""
"""Asks whether the store shows us its customers' data at all; see `Api.require_shown`."""


def changed_since(moment: datetime | None) -> str | None:
    """The search filter for what changed at `moment` (aware) or later, or None for everything.

    The single quotes matter: without them the vendor drops the time of day and uses the store's own zone.
    """
    if moment is None:
        return None
    whole = moment.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"updated_at:>='{whole.isoformat()}Z'"
