"""Tests of the Twilio connector and of its simulator."""
