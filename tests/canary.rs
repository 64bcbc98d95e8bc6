//! A password stands in every place where one can stand, and is printed in none.
//!
//! Each case is a file with `@@` where the password goes. It is read with a plain password and with nasty ones, and
//! printed in every format; whatever is wrong with the file, no piece of the password may come out.

use super::support::Dbcfg;

/// The piece that every password below holds. Nothing that dbcfg prints may hold it, in whatever case.
const PIECE: &str = "c4n4ry";

const PLAIN: &str = "S3cr3t-C4n4ry";

/// Passwords with what ends a password, a value, a quote or a template somewhere.
const NASTY: &[&str] = &[
    "p@C4n4ry/x#y?z",
    "p:C4n4ry@y:1/z",
    "p/C4n4ry",
    "p?C4n4ry",
    "p#C4n4ry",
    "it's \"C4n4ry\"",
    "a C4n4ry b",
    "p\u{e4}\u{df}-C4n4ry-\u{5bc6}",
    "100%C4n4ry%",
    "pa$C4n4ry",
    "$C4n4ry",
    "{C4n4ry}",
    "[S3cr3t-C4n4ry]",
    "*C4n4ry",
    "&C4n4ry",
    "@C4n4ry",
    "!C4n4ry",
    "%C4n4ry",
    "x: C4n4ry",
    "x\\C4n4ry",
];

const TABLE: &[&str] = &["--format", "table"];
const TABLE_ORIGINS: &[&str] = &["--format", "table", "--origins"];
const YAML: &[&str] = &["--format", "yaml"];
const YAML_ORIGINS: &[&str] = &["--format", "yaml", "--origins"];
const TOML: &[&str] = &["--format", "toml"];
const TOML_ORIGINS: &[&str] = &["--format", "toml", "--origins"];
const JSON: &[&str] = &["--format", "json"];
const JSON_ORIGINS: &[&str] = &["--format", "json", "--origins"];

const EVERY: &[&[&str]] = &[TABLE, TABLE_ORIGINS, YAML, YAML_ORIGINS, TOML, TOML_ORIGINS, JSON, JSON_ORIGINS];

/// These two show all values that there are; the other formats print the same values in other clothes.
const MOST: &[&[&str]] = &[TABLE_ORIGINS, JSON_ORIGINS];

/// What came out, on both streams.
#[derive(Default)]
struct Printed {
    all: String,
    leaks: Vec<String>,
}

impl Printed {
    fn take(&mut self, what: &str, run: &super::support::Output) {
        self.all.push_str(&run.stdout);
        if run.status > 2 {
            self.leaks.push(format!("{what}: status {}\n{}", run.status, run.stderr));
        }
        for line in run.stdout.lines().chain(run.stderr.lines()).filter(|line| line.to_lowercase().contains(PIECE)) {
            self.leaks.push(format!("{what}\n    {line}"));
        }
    }
}

/// Reads one file with one password in it, and prints what it says and what is wrong with it.
fn print(path: &str, text: &str, formats: &[&[&str]], printed: &mut Printed) {
    show(path, text, formats, printed);
    check(path, text, formats.len() == EVERY.len(), printed);
    migrate(path, text, formats.len() == EVERY.len(), printed);
}

/// Prints what migrating a file would change: for people with its lines, and for programs, which is the same.
fn migrate(path: &str, text: &str, is_every: bool, printed: &mut Printed) {
    let all = [&["--secrets", "env"][..], &["--format", "json"]];
    for arguments in if is_every { &all[..] } else { &all[..1] } {
        let run = Dbcfg::new().file(path, text).env("RUST_BACKTRACE", "1").args(&["migrate", path]).args(arguments);
        printed.take(&format!("migrate {arguments:?}: {text:?}"), &run.run());
    }
}

/// Prints what a file says in these formats.
fn show(path: &str, text: &str, formats: &[&[&str]], printed: &mut Printed) {
    for format in formats {
        let run = Dbcfg::new().file(path, text).env("RUST_BACKTRACE", "1").args(&["show", path]).args(format);
        printed.take(&format!("{format:?}: {text:?}"), &run.run());
    }
    if formats.len() < EVERY.len() {
        return;
    }
    let narrow = Dbcfg::new().file(path, text).args(&["show", path, "--origins"]);
    printed.take(&format!("60 columns: {text:?}"), &narrow.terminal(60));
}

/// Prints what is wrong with a file: for people with its lines, for programs with its keys. That holds all that the
/// other format has.
fn check(path: &str, text: &str, is_every: bool, printed: &mut Printed) {
    let run = Dbcfg::new().file(path, text).env("RUST_BACKTRACE", "1");
    let run = run.args(&["check", path, "--verbose", "--report", "json=found.json"]);
    // These say the same in other clothes.
    let others: &[&str] = if is_every { &["sarif", "github", "gitlab", "junit"] } else { &[] };
    let run = others.iter().fold(run, |run, format| run.args(&["--report", &format!("{format}=found.{format}")]));
    let output = run.run();
    printed.take(&format!("check: {text:?}"), &output);
    for format in others.iter().chain(&["json"]) {
        let report = std::fs::read_to_string(run.path(&format!("found.{format}"))).unwrap_or_default();
        if report.is_empty() {
            printed.leaks.push(format!("check, {format}: nothing is reported: {text:?}\n{}", output.stderr));
        }
        for line in report.lines().filter(|line| line.to_lowercase().contains(PIECE)) {
            printed.leaks.push(format!("check, {format}: {text:?}\n    {line}"));
        }
    }
    if is_every {
        let narrow = Dbcfg::new().file(path, text).args(&["check", path]);
        printed.take(&format!("check, 60 columns: {text:?}"), &narrow.terminal(60));
    }
}

/// Reads the file with every password. With the plain one, `shown` must come out: the case is read and not refused.
#[track_caller]
fn hides(path: &str, cases: &[(&str, &str)]) {
    hides_with(NASTY, path, cases);
}

#[track_caller]
fn hides_with(passwords: &[&str], path: &str, cases: &[(&str, &str)]) {
    let mut leaks = Vec::new();
    for (text, shown) in cases {
        let mut printed = Printed::default();
        print(path, &text.replace("@@", PLAIN), EVERY, &mut printed);
        if !printed.all.contains(shown) {
            leaks.push(format!("{shown:?} is not shown: {text:?}\n{}", printed.all));
        }
        for password in passwords {
            print(path, &text.replace("@@", password), MOST, &mut printed);
        }
        leaks.append(&mut printed.leaks);
    }
    assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks.join("\n"));
}

/// A section of main with one more line.
fn section(line: &str) -> String {
    format!("databases:\n  main:\n    host: h.example.com\n{line}\n    port: 5433\n")
}

const MASK: &str = "********";
const HOST: &str = "h.example.com";

#[test]
fn every_name_of_a_password_is_known() {
    let names = "password passwd pass pwd db_password db_pass database_password PASSWORD dbPassword db-password";
    let mut cases: Vec<String> = names.split(' ').map(|name| section(&format!("    {name}: '@@'"))).collect();
    cases.push(section("    parameters: {sslpassword: '@@'}"));
    cases.push(section("    sslpassword: '@@'"));
    let cases: Vec<(&str, &str)> = cases.iter().map(|case| (case.as_str(), MASK)).collect();
    let mut leaks = Printed::default();
    for (text, shown) in cases {
        let mut printed = Printed::default();
        print("settings.yaml", &text.replace("@@", PLAIN), EVERY, &mut printed);
        assert!(printed.all.contains(shown), "{text}");
        leaks.leaks.append(&mut printed.leaks);
    }
    assert!(leaks.leaks.is_empty(), "{}", leaks.leaks.join("\n"));
}

#[test]
fn passwords_in_every_style_of_yaml() {
    let block = section("    password: |\n      first\n      @@\n      last");
    let folded = section("    password: >-\n      @@\n      last");
    let anchor = section("    password: &pw '@@'\n    parameters: {sslpassword: *pw}");
    let twice = section("    password: '@@'\n    password: other");
    hides(
        "settings.yaml",
        &[
            (&section("    password: @@"), MASK),
            (&section("    password: '@@'"), HOST),
            (&section("    password: \"@@\""), HOST),
            (&block, MASK),
            (&folded, MASK),
            (&anchor, HOST),
            (&twice, HOST),
            ("databases:\n  main: {host: h.example.com, password: \"@@\", port: 1}\n", HOST),
            ("databases:\n  main: {host: h.example.com, password: '@@'}\n", HOST),
        ],
    );
}

#[test]
fn passwords_in_broken_lines() {
    hides(
        "settings.yaml",
        &[
            (&section("    password @@"), HOST),
            (&section("    password:@@"), HOST),
            (&section("    password: \"@@"), HOST),
            (&section("    password: '@@"), HOST),
            (&section("\tpassword: @@"), ""),
            (&section("    password:\t@@"), HOST),
            (&section("    password = @@"), HOST),
            (&section("      password @@"), "h.example.com"),
            (&section("      password: @@"), "5433"),
            (&section("    password: [@@"), HOST),
            (&section("    password: {@@}"), HOST),
            (&section("    password: - @@"), HOST),
            (&section("    password:\n      - @@"), HOST),
            (&section("    password:\n    - @@"), HOST),
            (&section("    password: @@: x"), HOST),
            (&section("    password: ***@@"), HOST),
        ],
    );
}

#[test]
fn passwords_as_values_of_another_type() {
    for key in ["port", "connect_timeout", "pool", "retry", "parameters", "same_server_as_x", "pool_size"] {
        hides_plain("settings.yaml", &section(&format!("    {key}: @@")), HOST);
    }
    hides_plain("settings.yaml", &section("    pool: {max_connections: @@, pre_ping: @@}"), HOST);
    hides_plain("settings.yaml", &section("    usrname: @@\n    colour: @@"), HOST);
    let token = "databases:\n  main:\n    host: https://@@@h.example.com/\n    ssl_mode: http://@@@h.example.com/\n    port: 5433\n";
    hides_plain("settings.yaml", token, "5433");
    hides_plain("settings.yaml", "databases: @@\nmain: @@\npostgres_host: h.example.com\npostgres_port: @@\n", HOST);
    hides_plain(
        ".env",
        "POSTGRES_HOST=h.example.com\nPOSTGRES_PORT=@@\nPOSTGRES_POOL_SIZE=@@\nPOSTGRES_URL=@@\n",
        HOST,
    );
}

/// Reads the file with the plain password only.
#[track_caller]
fn hides_plain(path: &str, text: &str, shown: &str) {
    let mut printed = Printed::default();
    print(path, &text.replace("@@", PLAIN), EVERY, &mut printed);
    assert!(printed.all.contains(shown), "{shown:?} is not shown: {text:?}\n{}", printed.all);
    assert!(printed.leaks.is_empty(), "{}", printed.leaks.join("\n"));
}

#[test]
fn passwords_in_urls_of_every_dialect() {
    let url = |url: &str| section(&format!("    url: '{url}'"));
    let bare = |url: &str| format!("database_url: {url}\n");
    hides(
        "settings.yaml",
        &[
            (&bare("postgresql://u:@@@h.example.com/d"), MASK),
            (&bare("postgresql+asyncpg://u:@@@h.example.com/d"), MASK),
            (&bare("postgres://u:@@@h.example.com:5432,i.example.com/d?sslmode=require"), MASK),
            (&bare("mysql+pymysql://u:@@@h.example.com/d"), MASK),
            (&bare("mongodb://u:@@@h.example.com,i.example.com/d"), MASK),
            (&bare("jdbc:postgresql://h.example.com/d?user=u&password=@@"), MASK),
            (&bare("jdbc:postgresql://h.example.com/d?user=u&password=@@&ssl=true"), MASK),
            (&bare("sqlite+pysqlcipher://:@@@/data.db?cipher=aes"), "engine"),
            (&bare("mssql+pyodbc://h.example.com/d?odbc_connect=Driver%3Dx%3BPWD%3D@@"), MASK),
            (&bare("postgresql://u@h.example.com/d?password=@@"), MASK),
            (&bare("postgresql://u@h.example.com/d?sslpassword=@@"), MASK),
            (&bare("host=h.example.com dbname=d password=@@"), MASK),
            (&bare("host=h.example.com dbname=d password='@@'"), HOST),
            (&bare("host=h.example.com password=@@ dbname=d user=u"), MASK),
            (&url("postgresql://u:@@@h.example.com/d"), HOST),
        ],
    );
}

#[test]
fn passwords_at_the_wrong_place_of_a_url() {
    let bare = |url: &str| format!("database_url: {url}\nmlflow_postgres_host: i.example.com\n");
    hides(
        "settings.yaml",
        &[
            (&bare("postgresql:/u:@@@h.example.com/d"), "i.example.com"),
            (&bare("postgresql//u:@@@h.example.com/d"), "i.example.com"),
            (&bare("postgresql:u:@@@${HOST}/d"), "i.example.com"),
            (&bare("postgresql//u:@@@${HOST}/d"), "i.example.com"),
            (&bare("u:@@@h.example.com/d"), "i.example.com"),
            (&bare("${DRIVER}://u:@@@h.example.com/d"), "i.example.com"),
            (&bare("postgresql://u:a/@@@h.example.com/d"), MASK),
            (&bare("postgresql://u:a?@@@h.example.com/d"), MASK),
            (&bare("postgresql://u:a#@@@h.example.com/d"), MASK),
        ],
    );
    // Without a host it is host and port to every parser. (`u:@word` is an empty password and a host.)
    hides_plain("settings.yaml", &bare("postgresql://u:@@"), "i.example.com");
}

#[test]
fn passwords_in_defaults_of_variables() {
    hides(
        "settings.yaml",
        &[
            (&section("    password: \"${DB_PASSWORD:-@@}\""), HOST),
            (&section("    password: ${DB_PASSWORD:-${OTHER:-@@}}"), HOST),
            (&section("    password: '${oc.env:PW,@@}'"), HOST),
            (&section("    database: ${DB_PASSWORD:-@@}"), HOST),
            ("databases:\n  main:\n    host: '${DB_PASSWORD:-@@}'\n    port: 5433\n", "5433"),
            (&section("    hostaddr: '${DB_PASSWORD:-@@}'\n    ssl_mode: '${DB_PASSWORD:-@@}'"), HOST),
            (&section("    same_server_as: '${X:-postgresql://u:@@@h.example.com/d}'"), HOST),
            (&section("    database: '${DB_NAME:-${DB_PASSWORD:-@@}}'"), HOST),
            (&section("    database: '${DB_PASSWORD:+@@}'"), HOST),
            (&section("    database: '${DB_PASSWORD-@@'"), HOST),
            (&section("    url: 'postgresql://u:${PW:-@@}@h.example.com/d'"), HOST),
        ],
    );
    let deep = format!("{}${{DB_PASSWORD-@@}}{}", "${A:-".repeat(40), "}".repeat(40));
    hides_plain("settings.yaml", &section(&format!("    database: '{deep}'")), HOST);
}

#[test]
fn fields_that_refer_to_a_password() {
    let password =
        "    password: &pw '@@'\n    username: '${databases.main.password}'\n    database: '${databases.main.url}'";
    hides_plain("settings.yaml", &section(password), HOST);
    let indirect =
        "A=${DB_PASSWORD}\nB=$A\nDB_PASSWORD='@@'\nPOSTGRES_HOST=${B}\nPOSTGRES_DB=$DB_PASSWORD\nPOSTGRES_PORT=5433\n";
    hides_plain(".env", indirect, "5433");
    let url = "MY_URL='postgresql://u:@@@h.example.com/d'\nPOSTGRES_HOST=${MY_URL}\nPOSTGRES_PORT=5433\n";
    hides_plain(".env", url, "5433");
}

#[test]
fn passwords_in_urls_of_services_by_variables() {
    for quote in ["", "'", "\""] {
        let named = |url: &str| format!("REDIS_URL=${{RU}}\nREDIS_TIMEOUT=4321\nRU={quote}{url}{quote}\n");
        let cases = [
            (named("redis://:@@@h.example.com/0"), "4321"),
            (named("redis://u:@@@h.example.com/0?password=@@"), "4321"),
            (format!("{}X={quote}@@{quote}\n", named("redis://u:${X}@h.example.com/0")), "4321"),
            (format!("{}PW={quote}@@{quote}\nDB_PASSWORD=$PW\n", named("redis://${DB_PASSWORD}@h/0")), "4321"),
            (format!("{}DB_PASSWORD={quote}@@{quote}\n", named("https://h/?x=${DB_PASSWORD}")), "4321"),
            (named("https://@@@h.example.com/"), "4321"),
        ];
        let cases: Vec<(&str, &str)> = cases.iter().map(|(text, shown)| (text.as_str(), *shown)).collect();
        hides(".env", &cases);
    }
}

#[test]
fn passwords_in_urls_of_services() {
    let redis = |url: &str| format!("services:\n  redis: {{url: '{url}', timeout: 4321}}\n");
    let auth = |url: &str| format!("services:\n  auth: {{url: '{url}', timeout: 4321}}\n");
    let mlflow = |url: &str| format!("mlflow:\n  tracking_uri: '{url}'\n  timeout: 4321\n");
    hides(
        "settings.yaml",
        &[
            (&redis("redis://:@@@h.example.com:6379/0"), "4321"),
            (&redis("rediss://u:@@@h.example.com:6379/0"), "4321"),
            (&mlflow("https://u:@@@h.example.com/"), "4321"),
            (&mlflow("postgresql://u:@@@h.example.com/d"), "4321"),
            ("services:\n  redis:\n    host: h.example.com\n    password: @@\n    timeout: 4321\n", "4321"),
        ],
    );
    for name in ["token", "access_token", "api_key", "sig", "X-Amz-Signature", "secret", "password"] {
        hides_plain("settings.yaml", &auth(&format!("https://h.example.com/health?a=1&{name}=@@&b=2")), "4321");
        hides_plain("settings.yaml", &auth(&format!("https://h.example.com/?{name}=@@&mail=a@example.com")), "4321");
        hides_plain("settings.yaml", &mlflow(&format!("https://h.example.com/?{name}=@@")), "4321");
        hides_plain("settings.yaml", &redis(&format!("redis://h.example.com/0?{name}=@@")), "4321");
    }
}

#[test]
fn keys_that_hold_more_than_a_path() {
    let key = "    ssl_key: |\n      -----BEGIN PRIVATE KEY-----\n      @@\n      -----END PRIVATE KEY-----";
    hides_plain("settings.yaml", &section(key), HOST);
    hides_plain("settings.yaml", &section("    parameters: {options: '-c x.password=@@'}"), HOST);
    hides_plain("settings.yaml", &section("    application_name: 'u:@@@x'"), HOST);
    hides_plain("settings.yaml", &section("    password: '{{ pw | default(\"@@\") }}'"), HOST);
}

#[test]
fn passwords_in_toml() {
    hides(
        "settings.toml",
        &[
            ("[databases.main]\nhost = 'h.example.com'\npassword = \"@@\"\nport = 5433\n", HOST),
            ("[databases.main]\nhost = 'h.example.com'\npassword = '@@'\nport = 5433\n", HOST),
            ("[databases.main]\nhost = 'h.example.com'\npassword = '''\n@@\nx'''\nport = 5433\n", HOST),
            ("[databases.main]\nhost = 'h.example.com'\npassword = @@\nport = 5433\n", HOST),
            ("[databases.main]\nhost = 'h.example.com'\npassword = \"@@\nport = 5433\n", HOST),
            ("[databases.main]\nhost = 'h.example.com'\npassword @@\nport = 5433\n", HOST),
            ("[databases.main]\nhost = 'h.example.com'\npassword: @@\nport = 5433\n", HOST),
            ("databases.main = {host = 'h.example.com', password = '@@', port = 5433}\n", HOST),
            ("databases.main = {host = 'h.example.com', password = '@@', password = 'x'}\n", HOST),
        ],
    );
}

#[test]
fn passwords_in_json() {
    // Quotes inside of quotes that nothing marks leave words in the place of keys, and names of keys are shown.
    hides_with(
        &NASTY.iter().copied().filter(|password| !password.contains('"')).collect::<Vec<_>>(),
        "settings.json",
        &[
            ("{\"databases\": {\"main\": {\"host\": \"h.example.com\", \"password\": \"@@\"}}}", HOST),
            ("{\"databases\": {\"main\": {\"host\": \"h.example.com\", \"password\": '@@'}}}", HOST),
            ("{\"databases\": {\"main\": {\"host\": \"h.example.com\", \"password\": @@}}}", HOST),
            ("{\"databases\": {\"main\": {\"host\": \"h.example.com\", \"password\": \"@@}}}", HOST),
            ("{\"databases\": {\"main\": {\"host\": \"h.example.com\", \"password\" \"@@\"}}}", HOST),
            ("{\"databases\": {\"main\": {\"host\": \"h.example.com\", \"password\": [\"@@\"]}}}", HOST),
            ("{\"database_url\": \"postgresql://u:@@@h.example.com/d\"}", MASK),
        ],
    );
}

#[test]
fn passwords_in_ini() {
    hides(
        "alembic.ini",
        &[
            ("[alembic]\nsqlalchemy.url = postgresql://u:@@@h.example.com/d\n", MASK),
            ("[alembic]\nsqlalchemy.url = postgresql://u:%%40@@@h.example.com/d\n", MASK),
            ("[alembic]\npw = @@\nsqlalchemy.url = postgresql://u:%(pw)s@h.example.com/d\n", HOST),
            ("[alembic]\nsqlalchemy.url postgresql://u:@@@h.example.com/d\n", ""),
            ("sqlalchemy.url = postgresql://u:@@@h.example.com/d\n[alembic\n@@\n", ""),
        ],
    );
}

#[test]
fn passwords_in_variables() {
    hides(
        ".env",
        &[
            ("POSTGRES_HOST=h.example.com\nPOSTGRES_PASSWORD=@@\n", HOST),
            ("POSTGRES_HOST=h.example.com\nPOSTGRES_PASSWORD='@@'\n", HOST),
            ("POSTGRES_HOST=h.example.com\nPOSTGRES_PASSWORD=\"@@\"\n", HOST),
            ("POSTGRES_HOST=h.example.com\nexport POSTGRES_PASSWORD=\"@@\n", HOST),
            ("POSTGRES_HOST=h.example.com\nPOSTGRES_PASSWORD @@\n", HOST),
            ("POSTGRES_HOST=h.example.com\nPOSTGRES_PASSWORD: @@\n", HOST),
            ("POSTGRES_HOST=h.example.com\nPOSTGRES_PASSWORD=x\nPOSTGRES_PASSWORD=@@\n", HOST),
            ("POSTGRES_HOST=h.example.com\nDB_HOST=i.example.com\nDB_PASSWORD=@@\nPOSTGRES_PASSWORD=@@\n", HOST),
            ("DATABASE_URL=postgresql://u:@@@h.example.com/d\n", MASK),
            ("DATABASE_URL=\"postgresql://u:@@@h.example.com/d\"\n", HOST),
            ("DATABASE_URL=postgresql//u:@@@${H}/d\nPOSTGRES_HOST=h.example.com\n", MASK),
            ("REDIS_HOST=h.example.com\nREDIS_PASSWORD=@@\n", MASK),
            ("REDIS_URL=redis://:@@@h.example.com/0\n", MASK),
            ("PGHOST=h.example.com\nPGPASSWORD=@@\n", MASK),
        ],
    );
}

#[test]
fn passwords_in_compose_files() {
    hides(
        "docker-compose.yml",
        &[
            (
                "services:\n  app:\n    environment:\n      POSTGRES_HOST: h.example.com\n      POSTGRES_PASSWORD: @@\n",
                HOST,
            ),
            (
                "services:\n  app:\n    environment:\n      - POSTGRES_HOST=h.example.com\n      - POSTGRES_PASSWORD=@@\n",
                HOST,
            ),
            ("services:\n  app:\n    environment:\n      - DATABASE_URL=postgresql://u:@@@h.example.com/d\n", HOST),
            (
                "services:\n  app:\n    environment:\n      - POSTGRES_HOST=h.example.com\n      - POSTGRES_PASSWORD: @@\n",
                HOST,
            ),
            (
                "services:\n  app:\n    environment:\n      - POSTGRES_HOST=h.example.com\n      - POSTGRES_PASSWORD @@\n",
                HOST,
            ),
        ],
    );
}

#[test]
fn passwords_in_the_process_environment() {
    let mut printed = Printed::default();
    for password in NASTY.iter().chain([&PLAIN]) {
        let url = format!("postgresql://u:{password}@h.example.com/d");
        let typo = format!("postgresql//u:{password}@$H/d");
        let lists: &[&[(&str, &str)]] = &[
            &[("PGHOST", HOST), ("PGPASSWORD", password)],
            &[("POSTGRES_HOST", HOST), ("POSTGRES_PASSWORD", password), ("POSTGRES_PORT", password)],
            &[("DATABASE_URL", &url)],
            &[("DATABASE_URL", &typo), ("POSTGRES_HOST", HOST)],
            &[("DB_URL", &password.replace('$', "")), ("POSTGRES_HOST", HOST)],
            &[("REDIS_HOST", HOST), ("REDIS_PASSWORD", password)],
        ];
        for list in lists {
            for format in EVERY {
                let run = list.iter().fold(Dbcfg::new(), |run, (name, value)| run.env(name, value));
                printed.take(&format!("{format:?} {list:?}"), &run.args(&["show"]).args(format).run());
            }
        }
    }
    assert!(printed.leaks.is_empty(), "{}", printed.leaks.join("\n"));
    assert!(printed.all.contains(HOST) && printed.all.contains(MASK), "{}", printed.all);
}

#[test]
fn passwords_on_the_command_line() {
    let mut printed = Printed::default();
    for password in NASTY.iter().chain([&PLAIN]) {
        let url = format!("postgresql://u:{password}@h.example.com/d");
        for format in EVERY {
            let run = Dbcfg::new().args(&["show", "--url", &url]).args(format).run();
            printed.take(&format!("--url {url} {format:?}"), &run);
            let run = Dbcfg::new().args(&["show", "--url", "-"]).stdin(url.as_str()).args(format).run();
            printed.take(&format!("--url - {url} {format:?}"), &run);
        }
        let (single, words) = (url.replace("://", ":/"), format!("host=h.example.com password={password}"));
        let (bare, quoted) = (format!("u:{password}@h.example.com"), format!("./{url}"));
        let env = format!("--env={password}");
        let flags = ["--password=", "--format=", "--color=", "--fail-on=", "-p", "--url=", "--", "--pass"];
        let flags: Vec<String> = flags.iter().map(|flag| format!("{flag}{password}")).collect();
        let mut misused: Vec<Vec<&str>> = vec![
            vec![&url],
            vec![password],
            vec!["help", password],
            vec!["show", &url],
            vec!["show", &single],
            vec!["show", &words],
            vec!["show", &bare],
            vec!["show", &quoted],
            vec!["show", "--env", password],
            vec!["show", &env],
            vec!["show", "--format", password],
            vec!["show", "--quiet", "--fail-on", password],
            vec!["show", "--url", password],
            vec!["show", "--url", &bare],
            vec!["show", "--url", &single],
            vec!["show", "--url", &words],
            vec!["show", "-", "--stdin-filename", &url],
        ];
        misused
            .extend(flags.iter().map(|flag| vec!["show", flag.as_str()]).filter(|words| !words[1].starts_with("---")));
        misused.extend(flags.iter().map(|flag| vec![flag.as_str()]));
        for words in misused {
            let run = Dbcfg::new().file("settings.yaml", "postgres_host: h.example.com\n").args(&words).run();
            printed.take(&format!("{words:?}"), &run);
        }
    }
    assert!(printed.leaks.is_empty(), "{}", printed.leaks.join("\n"));
}

#[test]
fn an_unreadable_text_is_not_quoted() {
    let mut printed = Printed::default();
    for path in ["settings.yaml", "settings.toml", "settings.json", "alembic.ini", ".env", "docker-compose.yml"] {
        for text in ["\u{0}@@\u{0}", "@@", "\"@@", "[@@", "{@@", "%@@", "--- @@\n... @@\n@@", "\t@@"] {
            print(path, &text.replace("@@", PLAIN), MOST, &mut printed);
            for password in NASTY {
                print(path, &text.replace("@@", password), &[TABLE], &mut printed);
            }
        }
        // These are keys, and names of keys are shown where something is wrong with their values.
        for text in ["@@: [", "@@ = ["] {
            for password in NASTY.iter().chain([&PLAIN]) {
                show(path, &text.replace("@@", password), &[TABLE], &mut printed);
            }
        }
    }
    assert!(printed.leaks.is_empty(), "{}", printed.leaks.join("\n"));
}
