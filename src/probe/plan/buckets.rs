//! Where a bucket is: the servers of Amazon, or one that the environment names.

use crate::model::health::{Cause, Failure};
use crate::probe::http::Site;
use crate::probe::options::{Environment, Options};
use crate::probe::s3;
use crate::probe::tls::{Mode, Root, TlsSettings};

use super::Peer;
use super::services::{site, url_of, verified};
use super::unusable::failure;

/// The variables that name a server in place of Amazon's, the strongest first: MLflow hands its own to the client, which
/// otherwise reads the others.
const SERVERS: &[&str] = &["MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];

/// The variables that name the region, the strongest first.
const REGIONS: &[&str] = &["AWS_REGION", "AWS_DEFAULT_REGION"];

/// How to get to the bucket of a URL: `s3://bucket/mlflow/`.
pub(super) fn peer(text: &str, options: &Options) -> Result<Peer, Failure> {
    let rest = text.get("s3://".len()..).unwrap_or_default();
    let (bucket, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if bucket.is_empty() {
        return Err(failure(Cause::NoPlace, "the URL names no bucket"));
    }
    if !is_bucket(bucket) {
        return Err(failure(Cause::Configuration, "no bucket can have this name"));
    }
    let environment = &options.environment;
    let first = |names: &[&str]| names.iter().find_map(|name| environment.get(name)).map(str::to_owned);
    let region = first(REGIONS);
    let (site, path) = match first(SERVERS) {
        Some(server) => named_server(&server, bucket, environment)?,
        None => amazon(bucket, region.as_deref(), environment),
    };
    let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
    Ok(Peer::S3(Box::new(s3::Endpoint { site, path, bucket, prefix, region })))
}

/// Whether a bucket can have this name. Older ones have capitals and underscores.
fn is_bucket(name: &str) -> bool {
    name.len() <= 255 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// A server that the environment names has its buckets below its path.
fn named_server(server: &str, bucket: &str, environment: &Environment) -> Result<(Site, String), Failure> {
    let about_server = |it: Failure| Failure { message: format!("the endpoint of S3: {}", it.message), ..it };
    let url = url_of(server).map_err(about_server)?;
    let tls = (url.scheme == "https").then(|| encryption(environment));
    let path = format!("{}/{bucket}", url.path.trim_end_matches('/'));
    Ok((site(url, tls, None).map_err(about_server)?, path))
}

/// Amazon has a host for each bucket; its certificates do not hold for names with dots.
fn amazon(bucket: &str, region: Option<&str>, environment: &Environment) -> (Site, String) {
    let server = match region {
        Some(region) if region.starts_with("cn-") => format!("s3.{region}.amazonaws.com.cn"),
        Some(region) => format!("s3.{region}.amazonaws.com"),
        None => "s3.amazonaws.com".to_owned(),
    };
    let (host, path) = if bucket.contains('.') {
        (server, format!("/{bucket}"))
    } else {
        (format!("{bucket}.{server}"), "/".to_owned())
    };
    (Site { tls: Some(encryption(environment)), host, port: None, login: None }, path)
}

/// How the server is trusted, as MLflow and its client read it from the environment.
fn encryption(environment: &Environment) -> TlsSettings {
    if environment.get("MLFLOW_S3_IGNORE_TLS").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return TlsSettings { mode: Mode::Require, ..TlsSettings::default() };
    }
    match environment.get("AWS_CA_BUNDLE") {
        Some(file) => TlsSettings { root: Root::File(file.into()), ..verified() },
        None => verified(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(text: &str, variables: &[(&str, &str)]) -> Result<s3::Endpoint, Failure> {
        let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match peer(text, &Options { environment, ..Options::default() })? {
            Peer::S3(endpoint) => Ok(*endpoint),
            other => panic!("no bucket: {other:?}"),
        }
    }

    #[track_caller]
    fn check(text: &str, variables: &[(&str, &str)], site: &str, path: &str) {
        let endpoint = planned(text, variables).expect("a bucket");
        assert_eq!((endpoint.site.to_string().as_str(), endpoint.path.as_str()), (site, path), "{text} {variables:?}");
        assert_eq!(endpoint.to_string(), text);
    }

    #[test]
    fn a_bucket_is_where_the_environment_says() {
        let text = "s3://mlflow-artifacts/runs/";
        check(text, &[], "https://mlflow-artifacts.s3.amazonaws.com", "/");
        check(text, &[("AWS_REGION", "eu-west-1")], "https://mlflow-artifacts.s3.eu-west-1.amazonaws.com", "/");
        let both = [("AWS_DEFAULT_REGION", "us-west-2"), ("AWS_REGION", "eu-west-1")];
        check(text, &both, "https://mlflow-artifacts.s3.eu-west-1.amazonaws.com", "/");
        let china = [("AWS_DEFAULT_REGION", "cn-north-1")];
        check(text, &china, "https://mlflow-artifacts.s3.cn-north-1.amazonaws.com.cn", "/");
        check("s3://a.b", &[("AWS_REGION", "eu-west-1")], "https://s3.eu-west-1.amazonaws.com", "/a.b");
        let minio = [("AWS_ENDPOINT_URL", "http://localhost:9000/"), ("AWS_REGION", "eu-west-1")];
        check(text, &minio, "http://localhost:9000", "/mlflow-artifacts");
        let all = [
            ("AWS_ENDPOINT_URL", "http://c.example.com"),
            ("AWS_ENDPOINT_URL_S3", "http://b.example.com"),
            ("MLFLOW_S3_ENDPOINT_URL", "https://a.example.com:9000/s3"),
        ];
        check(text, &all, "https://a.example.com:9000", "/s3/mlflow-artifacts");
        check(text, &all[..2], "http://b.example.com", "/mlflow-artifacts");
    }

    #[test]
    fn certificates_are_verified_unless_mlflow_does_not() {
        let tls = |variables: &[(&str, &str)]| planned("s3://b", variables).expect("a bucket").site.tls;
        assert_eq!(tls(&[]), Some(verified()));
        let own = tls(&[("AWS_CA_BUNDLE", "/etc/ssl/own.pem")]).expect("encryption");
        assert_eq!((own.mode, own.root), (Mode::VerifyFull, Root::File("/etc/ssl/own.pem".into())));
        assert_eq!(tls(&[("MLFLOW_S3_IGNORE_TLS", "true")]).expect("encryption").mode, Mode::Require);
    }

    #[test]
    fn what_names_no_bucket_is_not_tried() {
        for (text, variables, cause) in [
            ("s3://", &[][..], Cause::NoPlace),
            ("s3:///mlflow", &[], Cause::NoPlace),
            ("s3://a b/", &[], Cause::Configuration),
            ("s3://b/", &[("AWS_ENDPOINT_URL", "localhost:9000")], Cause::Configuration),
        ] {
            assert_eq!(planned(text, variables).expect_err("no bucket").cause, cause, "{text}");
        }
    }
}
