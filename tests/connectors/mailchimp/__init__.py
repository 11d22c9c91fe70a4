"""Tests of the Mailchimp connector and of its simulator."""
