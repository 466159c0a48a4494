#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::aim::{How, Set};
use crate::decide::policy::demand::People;

/// A target away from this machine, known by options and the tool's own files.
fn aim(facts: &[(Aspect, &str)]) -> Aim {
    let fact = |(aspect, value): &(Aspect, &str)| Fact {
        aspect: *aspect,
        value: Some((*value).to_owned()),
        how: How::Given,
        firm: true,
    };
    Aim { away: true, facts: facts.iter().map(fact).collect(), ..Aim::default() }
}

/// The same as it is known from variables.
fn by_variable(mut aim: Aim) -> Aim {
    for fact in &mut aim.facts {
        fact.how = How::Variable { name: "X".to_owned(), set: Set::Command };
        fact.firm = false;
    }
    aim
}

fn act(policy: &Policy, aim: &Aim) -> Do {
    policy.for_rule_in("sql/drop-database", Severity::Severe, &policy.standing(aim))
}

const STAGING: &str = "environments: {staging: {when: {hosts: [db.staging]}, at: {severe: run}}}";
const PRODUCTION: &str = "environments: {production: {when: {hosts: ['*.eu']}, at: {severe: refuse}}}";

#[test]
fn an_environment_is_known_by_its_host() {
    let policy = Policy::of(&[(Layer::User, STAGING), (Layer::User, PRODUCTION)]);
    assert_eq!(act(&policy, &aim(&[(Aspect::Host, "db.staging")])), Do::Run);
    assert_eq!(act(&policy, &aim(&[(Aspect::Host, "db.eu")])), Do::Refuse);
    // What is not known as anything is taken for production.
    assert_eq!(act(&policy, &aim(&[(Aspect::Host, "db.elsewhere")])), Do::Refuse);
    assert_eq!(act(&policy, &aim(&[])), Do::Refuse);
    assert_eq!(act(&policy, &Aim::default()), Do::Confirm, "what is on this machine is no environment");
}

#[test]
fn what_an_agent_chooses_settles_nothing() {
    let staging = Policy::of(&[(Layer::User, STAGING), (Layer::User, PRODUCTION)]);
    let host = aim(&[(Aspect::Host, "db.staging")]);
    assert_eq!(act(&staging, &by_variable(host.clone())), Do::Refuse);
    let diverted = Aim { diverted: Some("PGHOSTADDR".to_owned()), ..host };
    assert_eq!(act(&staging, &diverted), Do::Refuse);

    let by_name = Policy::of(&[(
        Layer::User,
        "environments: {staging: {when: {variables: {RAILWAY_ENVIRONMENT: [staging]}}, at: {severe: run}}}",
    )]);
    let variables = [("RAILWAY_ENVIRONMENT".to_owned(), "staging".to_owned())].into();
    assert_eq!(act(&by_name, &Aim { variables, ..aim(&[]) }), Do::Confirm);
    let in_part = Policy::of(&[(
        Layer::User,
        "environments: {staging: {when: {hosts: [db.staging], variables: {X: ['*']}}, at: {severe: run}}}",
    )]);
    let variables = [("X".to_owned(), "1".to_owned())].into();
    assert_eq!(act(&in_part, &Aim { variables, ..aim(&[(Aspect::Host, "db.staging")]) }), Do::Confirm);
}

#[test]
fn a_project_only_tightens_until_it_is_trusted() {
    let host = aim(&[(Aspect::Host, "db.staging")]);
    assert_eq!(act(&Policy::of(&[(Layer::Project, STAGING)]), &host), Do::Confirm);
    assert_eq!(act(&Policy::of(&[(Layer::Trusted, STAGING)]), &host), Do::Run);
    assert_eq!(act(&Policy::of(&[(Layer::System, STAGING)]), &host), Do::Confirm);
    let strict = "environments: {staging: {when: {hosts: ['*']}, at: {severe: refuse}}}";
    assert_eq!(act(&Policy::of(&[(Layer::User, STAGING), (Layer::Project, strict)]), &host), Do::Refuse);
    // A project that calls production staging changes nothing either.
    let claim = "environments: {staging: {when: {hosts: [db.eu]}, at: {severe: run}}}";
    let both = Policy::of(&[(Layer::User, PRODUCTION), (Layer::Project, claim)]);
    assert_eq!(act(&both, &aim(&[(Aspect::Host, "db.eu")])), Do::Refuse);
}

#[test]
fn a_name_tightens_and_never_loosens() {
    let policy = Policy::of(&[(
        Layer::User,
        "environments: {production: {at: {severe: refuse}}, staging: {when: {hosts: [db.staging]}}}",
    )]);
    assert_eq!(act(&policy, &aim(&[(Aspect::Context, "prod-eu")])), Do::Refuse);
    assert_eq!(act(&policy, &aim(&[(Aspect::Context, "staging")])), Do::Refuse);
    assert_eq!(act(&policy, &aim(&[(Aspect::Host, "db.staging")])), Do::Confirm);
}

#[test]
fn production_asks_for_a_secret_once_there_is_one() {
    let demand = |layers: &[(Layer, &str)], aim: &Aim| {
        let policy = Policy::of(layers);
        policy.demand_in(Severity::Moderate, &policy.standing(aim))
    };
    assert!(demand(&[], &aim(&[(Aspect::Environment, "production")])).enrolled);
    assert!(demand(&[], &aim(&[(Aspect::Environment, "staging")])).enrolled, "a name is no proof");
    assert!(!demand(&[(Layer::User, STAGING)], &aim(&[(Aspect::Host, "db.staging")])).enrolled);
    assert!(!demand(&[], &Aim::default()).enrolled);
    let own = "environments: {production: {proof: {moderate: phrase}, approvals: {moderate: 2}}}";
    let two = demand(&[(Layer::User, own)], &aim(&[]));
    assert!(!two.enrolled && two.people == People::Two);
    assert!(demand(&[(Layer::Project, own)], &aim(&[])).enrolled);
}

#[test]
fn a_freeze_holds_where_the_environment_may_be_meant() {
    let policy = Policy::of(&[(
        Layer::Project,
        "environments: {production: {when: {hosts: ['*.eu']}, freeze: [{zone: UTC, because: Audit}]}}",
    )]);
    let now = Now { at: 0, zones: [("UTC".to_owned(), 0)].into() };
    let frozen = |aim: &Aim| policy.frozen(&policy.standing(aim), &now);
    let why = frozen(&aim(&[(Aspect::Host, "db.eu")])).unwrap();
    assert_eq!(why, "production is frozen from 00:00 to 00:00 (every day, UTC): Audit");
    assert!(frozen(&aim(&[])).is_some());
    assert!(frozen(&Aim::default()).is_none());
}

/// Policies that a person may have.
const POLICIES: [&str; 4] = [
    STAGING,
    PRODUCTION,
    "environments: {staging: {when: {contexts: [staging], hosts: [db.staging]}, at: {severe: run}}, production: {at: {severe: refuse}}}",
    "at: {severe: run}\nenvironments: {live: {when: {names: ['*']}, at: {severe: confirm}}}",
];

fn facts() -> impl Strategy<Value = Vec<(Aspect, String)>> {
    let aspects =
        prop::sample::select(vec![Aspect::Host, Aspect::Context, Aspect::Environment, Aspect::Profile]);
    let values = prop::sample::select(vec!["db.staging", "db.eu", "staging", "production", "x"]);
    prop::collection::btree_map(aspects, values.prop_map(str::to_owned), 0..4)
        .prop_map(|map| map.into_iter().collect())
}

fn as_aim(facts: &[(Aspect, String)]) -> Aim {
    let facts: Vec<(Aspect, &str)> = facts.iter().map(|(aspect, value)| (*aspect, value.as_str())).collect();
    aim(&facts)
}

proptest! {
    /// Whatever an agent adds by variables, by its project's files or by turning a tool away from its settings, no answer
    /// becomes milder.
    #[test]
    fn nothing_at_hand_makes_an_answer_milder(
        firm in facts(),
        passing in facts(),
        diverted in any::<bool>(),
        own in prop::sample::select(POLICIES.to_vec()),
        project in prop::sample::select(POLICIES.to_vec()),
    ) {
        let before = as_aim(&firm);
        let mut after = before.clone();
        for fact in by_variable(as_aim(&passing)).facts {
            match after.facts.iter_mut().find(|known| known.aspect == fact.aspect) {
                Some(known) => *known = fact,
                None => after.facts.push(fact),
            }
        }
        after.diverted = diverted.then(|| "X".to_owned());
        after.variables = [("X".to_owned(), "staging".to_owned())].into();
        let alone = Policy::of(&[(Layer::User, own)]);
        let both = Policy::of(&[(Layer::User, own), (Layer::Project, project)]);
        prop_assert!(act(&both, &before) >= act(&alone, &before));
        // A fact that is said otherwise may no longer name what made it stricter: hosts decide then.
        let still = before.facts.iter().all(|fact| after.facts.contains(fact));
        if still {
            prop_assert!(act(&alone, &after) >= act(&alone, &before));
        }
        // And what is known only by variables is never milder than what is not known at all.
        let passing_only = by_variable(after);
        prop_assert!(act(&alone, &passing_only) >= act(&alone, &aim(&[])));
    }
}
