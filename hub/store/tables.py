"""The one place that lists all tables, so that metadata is complete and facts and derived can be told apart."""

from __future__ import annotations

from sqlmodel import SQLModel

from hub.store.derived.consent import (
    ConsentGap,
    ConsentHolding,
    ConsentMark,
    ConsentState,
    SegmentMark,
    SegmentMember,
    TagGap,
)
from hub.store.derived.golden import Contact, ContactTerm, FieldProvenance, GoldenMark
from hub.store.derived.identity import MatchEdge, MatchKey, Membership, PopularKey, ResolveMark, ReviewItem
from hub.store.derived.mapped import ContactRecord, MapRefusal, MapRemark, RelatedRecord
from hub.store.facts.decisions import Decision, DecisionLink, DecisionPin, DecisionValue
from hub.store.facts.evidence import ConsentEvent, ConsentSight
from hub.store.facts.landed import LandedRecord, LandedVersion
from hub.store.facts.outbox import Delivery, DeliveryAttempt, SegmentStay
from hub.store.facts.rejected import RejectedRow
from hub.store.operating.access import AdminSession, AdminUser, ApiToken, SignInFailure, SignInLink
from hub.store.operating.alerts import AlertMessage, AlertState
from hub.store.operating.audit import AuditEntry
from hub.store.operating.hints import RefetchMark, WebhookTaken
from hub.store.operating.leases import Lease
from hub.store.operating.notes import Note
from hub.store.operating.notices import ConsentTold, Notice, NoticeAttempt
from hub.store.operating.pauses import QuarantineIgnore, StreamPause
from hub.store.operating.plans import PushPlan
from hub.store.operating.reconcile import ReconcilePass, ReconcileSeen
from hub.store.operating.review import ReviewAnswer, ReviewClaim, ReviewNote, ReviewSkip
from hub.store.operating.runs import StreamState, SyncRun
from hub.store.operating.shapes import StreamField

FACTS: tuple[type[SQLModel], ...] = (
    LandedRecord,
    LandedVersion,
    RejectedRow,
    Decision,
    DecisionLink,
    DecisionValue,
    DecisionPin,
    ConsentEvent,
    ConsentSight,
    Delivery,
    DeliveryAttempt,
    SegmentStay,
)
DERIVED: tuple[type[SQLModel], ...] = (
    ContactRecord,
    RelatedRecord,
    MapRemark,
    MapRefusal,
    ResolveMark,
    MatchKey,
    PopularKey,
    Membership,
    MatchEdge,
    ReviewItem,
    GoldenMark,
    Contact,
    FieldProvenance,
    ContactTerm,
    ConsentHolding,
    ConsentMark,
    ConsentState,
    ConsentGap,
    SegmentMark,
    SegmentMember,
    TagGap,
)
OPERATING: tuple[type[SQLModel], ...] = (
    SyncRun,
    StreamState,
    Lease,
    Note,
    SignInLink,
    AdminUser,
    AdminSession,
    SignInFailure,
    ApiToken,
    AuditEntry,
    PushPlan,
    AlertState,
    AlertMessage,
    Notice,
    NoticeAttempt,
    ConsentTold,
    WebhookTaken,
    RefetchMark,
    ReconcilePass,
    ReconcileSeen,
    StreamField,
    ReviewClaim,
    ReviewSkip,
    ReviewAnswer,
    ReviewNote,
    StreamPause,
    QuarantineIgnore,
)

metadata = SQLModel.metadata
