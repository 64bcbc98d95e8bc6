//! What `--deep` adds to what people read.

use super::super::human;
use super::*;
use crate::model::health::{Activity, Archiver, Deep, Index, Replication, SlowQuery, TableSize, Unmeasured};
use crate::report::style::Style;

fn asked() -> Sample {
    let index = |name: &str| Index { table: "public.documents".to_owned(), name: name.to_owned(), bytes: 12_000_000 };
    let activity =
        |state: &str, connections, longest_seconds| Activity { state: state.to_owned(), connections, longest_seconds };
    let deep = Deep {
        activity: Some(vec![activity("active", 2, Some(4.24)), activity("idle", 10, None)]),
        replication: Some(vec![Replication {
            name: "standby1".to_owned(),
            state: "streaming".to_owned(),
            lag_bytes: Some(1_240_000),
            lag_seconds: Some(0.3),
        }]),
        archiver: Some(Archiver { failed_count: 12, failing: true, last_success_age: Some(3_600) }),
        tables: Some(vec![TableSize {
            name: "public.documents".to_owned(),
            total_bytes: 1_240_000_000,
            bytes: 800_000_000,
        }]),
        slow_queries: Some(vec![SlowQuery {
            query: "select *\n  from documents\n  order by embedding <-> $1".to_owned(),
            calls: 1_203,
            mean_millis: 182.4,
        }]),
        unused_indexes: Some((0..12).map(|number| index(&format!("old_{number}"))).collect()),
        not_measured: vec![Unmeasured {
            what: "row_security".to_owned(),
            why: "the role may not see all tables".to_owned(),
        }],
        ..Deep::default()
    };
    let facts = PostgresFacts { version: "15.18".to_owned(), deep: Some(Box::new(deep)), ..PostgresFacts::default() };
    Sample::new(vec![TargetHealth { facts: Some(Facts::Postgresql(Box::new(facts))), ..vector() }])
}

#[test]
fn what_was_asked_stands_below_the_table() {
    let unused = (1..10).map(|number| format!("                 11.4 MB  old_{number} on public.documents"));
    let unused = unused.collect::<Vec<_>>().join("\n");
    let expected = format!(
        "\
TARGET  STATUS   STAGE   TIME  ENDPOINT                    DETAILS
vector  healthy  query  18 ms  db.example.com:5432/vector  PostgreSQL 15.18

vector
  connections   2 active (longest 4.2 s), 10 idle
  replication   standby1: streaming, 1.2 MB and 300 ms behind
  archiving     failing, 12 failures so far, last success 1 h 0 min ago
  tables          1.2 GB  public.documents (762.9 MB without indexes)
  slow queries    182 ms  select * from documents order by embedding <-> $1 (1203 calls)
  unused         11.4 MB  old_0 on public.documents
{unused}
                and 2 more
  not measured  row security: the role may not see all tables

1 healthy in 2.4 s
"
    );
    assert_eq!(human(&asked().checkup(), Style { is_coloured: false }, None), expected);
}

#[test]
fn it_fits_into_a_narrow_terminal() {
    let text = human(&asked().checkup(), Style { is_coloured: false }, Some(40));
    assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
    let expected = "
  connections   2 active (longest 4.2
                s), 10 idle
";
    assert!(text.contains(expected), "{text}");
}
