//! A bucket of S3, or of what is compatible with it: whether it exists, and in which region. Nobody logs in.

use std::fmt;

use hyper::Method;

use crate::model::health::{Facts, Stage, StoreFacts};

use super::attempt::{Answer, Context};
use super::fault::{BucketFault, Fault};
use super::http::{Client, Reply, Site};
use super::recorder::Recorder;

/// A bucket. `Display` shows it as it is written: `s3://bucket/mlflow/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Where its server is.
    pub(super) site: Site,
    /// What is asked for there: `/`, or the bucket where it is no part of the host.
    pub(super) path: String,
    /// The bucket.
    pub(super) bucket: String,
    /// What follows the bucket, for people; empty or beginning with a slash.
    pub(super) prefix: String,
    /// The region that is configured.
    pub(super) region: Option<String>,
}

/// The header that says where a bucket is.
const REGION: &str = "x-amz-bucket-region";

/// No name of a region is longer, in characters.
const LONGEST_REGION: usize = 40;

/// Tries once.
pub(super) async fn attempt(endpoint: &Endpoint, context: &Context, recorder: &Recorder) -> Result<Answer, Fault> {
    let mut client = Client::open(&endpoint.site, context, recorder).await?;
    recorder.begin(Stage::Query);
    let reply = client.send(Method::HEAD, &endpoint.path, 0).await?;
    judge(&reply, endpoint.region.as_deref())
}

/// What an answer says about the bucket. Who is not logged in is refused (403) if it exists.
fn judge(reply: &Reply, configured: Option<&str>) -> Result<Answer, Fault> {
    let region = reply.header(REGION).map(|region| region.chars().take(LONGEST_REGION).collect::<String>());
    match reply.status {
        200..=299 | 307 | 401 | 403 => {
            let is_elsewhere = configured.is_some() && region.is_some() && region.as_deref() != configured;
            let trouble = is_elsewhere.then(|| Fault::Bucket(BucketFault::Elsewhere(region.clone())));
            let facts = Facts::Store(StoreFacts { region, writable: None });
            Ok(Answer { facts: Some(facts), remarks: Vec::new(), trouble })
        }
        404 => Err(Fault::Bucket(BucketFault::Missing)),
        301 => Err(Fault::Bucket(BucketFault::Elsewhere(region))),
        400 if region.is_some() => Err(Fault::Bucket(BucketFault::Elsewhere(region))),
        status => Err(Fault::Http(status)),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "s3://{}{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderMap, HeaderValue};

    fn judged(status: u16, region: Option<&'static str>, configured: Option<&str>) -> Result<Answer, Fault> {
        let mut headers = HeaderMap::new();
        if let Some(region) = region {
            headers.insert(REGION, HeaderValue::from_static(region));
        }
        judge(&Reply { status, headers, body: Vec::new() }, configured)
    }

    #[test]
    fn who_is_refused_has_found_the_bucket() {
        for (status, region, configured) in [
            (200, None, None),
            (200, Some("eu-west-1"), None),
            (403, Some("eu-west-1"), Some("eu-west-1")),
            (403, None, Some("eu-west-1")),
            (307, None, None),
        ] {
            let answer = judged(status, region, configured).expect("an answer");
            assert_eq!(answer.trouble, None, "{status}");
            let region = region.map(str::to_owned);
            assert_eq!(answer.facts, Some(Facts::Store(StoreFacts { region, writable: None })), "{status}");
        }
    }

    #[test]
    fn a_bucket_of_another_region_answers_and_is_trouble() {
        let answer = judged(403, Some("us-west-2"), Some("eu-west-1")).expect("an answer");
        assert_eq!(answer.trouble, Some(Fault::Bucket(BucketFault::Elsewhere(Some("us-west-2".to_owned())))));
    }

    #[test]
    fn other_answers_are_faults() {
        let elsewhere = |region: &str| Fault::Bucket(BucketFault::Elsewhere(Some(region.to_owned())));
        for (status, region, expected) in [
            (404, None, Fault::Bucket(BucketFault::Missing)),
            (301, Some("us-west-2"), elsewhere("us-west-2")),
            (301, None, Fault::Bucket(BucketFault::Elsewhere(None))),
            (400, Some("us-west-2"), elsewhere("us-west-2")),
            (400, None, Fault::Http(400)),
            (503, None, Fault::Http(503)),
        ] {
            assert_eq!(judged(status, region, None).err(), Some(expected), "{status}");
        }
    }
}
