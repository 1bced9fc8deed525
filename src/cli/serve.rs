//! The commands `serve` and `demo`, which run until they receive a shutdown signal.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::OptionFuture;
use ipnet::IpNet;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

use super::exit::CommandError;
use super::{migrate_if_behind, require_current, say};
use crate::clock::Clock;
use crate::config::{LogFormat, ServeArgs, StorageArgs};
use crate::domain::{dismissal, people};
use crate::egress;
use crate::http::app::App;
use crate::http::client_address::ProxyHeader;
use crate::runtime::{metrics, process};
use crate::server::{self, Options};
use crate::store::db::address::Address;
use crate::{demo, http};

/// Grace period for background work after the last request.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Runs `handover serve`.
pub async fn run(data: &StorageArgs, serving: &ServeArgs, no_migrate: bool) -> Result<(), CommandError> {
    start_logging(serving)?;
    let listeners = Listeners::open(serving).await?;
    let app = server::open(&options(data, serving, &listeners)?, Clock::system())
        .await
        .map_err(CommandError::setting)?;
    if no_migrate {
        require_current(&app.db).await?;
    } else {
        migrate_if_behind(&app.db).await?;
    }
    app.blobs.try_out().await.map_err(CommandError::setting)?;
    warn_about_readable(data);
    warn_about_public_url(&app).await?;
    if dismissal::lock_out::active_administrators(app.db.read())
        .await?
        .is_empty()
    {
        tracing::warn!(
            "no administrator can sign in: run handover user create EMAIL --role administrator --password-stdin"
        );
    }
    serve(app, listeners, serving).await
}

/// Runs `handover demo`: creates a sample company in a new database and serves it.
pub async fn demo(dir: Option<PathBuf>, seed: u64, serving: ServeArgs) -> Result<(), CommandError> {
    start_logging(&serving)?;
    let listeners = Listeners::open(&serving).await?;
    let folder = demo_folder(dir)?;
    let file = folder.join("handover.db");
    if file.exists() {
        return Err(CommandError::invalid_setting(format!(
            "{0} already exists: the demo needs a new folder; to serve this one, run handover serve --database-url \
             sqlite://{0} --blob-url file://{1}",
            file.display(),
            folder.join("blobs").display()
        )));
    }
    // These two have a meaning in URLs.
    let path = file.display().to_string().replace('%', "%25").replace('?', "%3F");
    let data = StorageArgs {
        database_url: format!("sqlite://{path}?mode=rwc"),
        database_read_url: None,
        blob_url: format!("file://{}", folder.join("blobs").display()),
    };
    let options = options(&data, &serving, &listeners)?;
    let past = server::open(&options, demo::clock(seed)).await?;
    past.db.migrate().await?;
    let made = demo::fill(&past, seed).await?;
    drop(past);
    say(&format!(
        "database       {}\nadministrator  {}\nemployee       {}\npassword       {}",
        file.display(),
        made.administrator,
        made.employee,
        demo::PASSWORD
    ));
    let app = server::open(&options, Clock::system())
        .await
        .map_err(CommandError::setting)?;
    serve(app, listeners, &serving).await
}

/// Returns the requested folder, or a new temporary one; never an existing temporary one, which others may control.
fn demo_folder(asked: Option<PathBuf>) -> Result<PathBuf, CommandError> {
    if let Some(dir) = asked {
        std::fs::create_dir_all(&dir)
            .map_err(|error| CommandError::invalid_setting(format!("--dir {}: {error}", dir.display())))?;
        return Ok(dir);
    }
    let mut number = 0_u32;
    loop {
        let name = format!("handover-demo-{}-{number}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        match std::fs::create_dir(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(format!("{}: {error}", dir.display()).into()),
        }
    }
}

/// The sockets of a process.
struct Listeners {
    public: TcpListener,
    /// With what it serves.
    metrics: Option<(TcpListener, PrometheusHandle)>,
}

impl Listeners {
    async fn open(serving: &ServeArgs) -> Result<Self, CommandError> {
        if let Some(address) = serving.metrics_listen.filter(|address| address.port() != 0)
            && address == serving.listen
        {
            return Err(CommandError::invalid_setting(format!(
                "--metrics-listen {address}: clients reach this address (--listen): metrics need another one"
            )));
        }
        let public = bind("--listen", serving.listen).await?;
        let metrics = match serving.metrics_listen {
            Some(address) => {
                let socket = bind("--metrics-listen", address).await?;
                Some((socket, metrics::install().map_err(|error| error.to_string())?))
            }
            None => None,
        };
        Ok(Self { public, metrics })
    }

    /// Returns the addresses, the public one first.
    fn addresses(&self) -> Result<Vec<SocketAddr>, CommandError> {
        let metrics = self.metrics.iter().map(|(socket, _)| socket);
        let all = [&self.public].into_iter().chain(metrics);
        let addresses = all.map(TcpListener::local_addr);
        Ok(addresses
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())?)
    }
}

async fn bind(flag: &str, address: SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| CommandError::invalid_setting(format!("{flag} {address}: {error}")))
}

fn options(data: &StorageArgs, serving: &ServeArgs, listeners: &Listeners) -> Result<Options, CommandError> {
    let own = listeners.addresses()?;
    let public = own[0];
    Ok(Options {
        database_url: data.database_url.clone(),
        database_read_url: data.database_read_url.clone(),
        blob_url: data.blob_url.clone(),
        upload_limit: u64::from(serving.upload_limit) << 20,
        upload_quota: u64::from(serving.upload_quota) << 20,
        keep_free: u64::from(serving.keep_free) << 20,
        public_url: serving
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{public}")),
        introspection: serving.introspection,
        rate_limit: serving.rate_limit,
        behind_proxy: serving.behind_proxy,
        cors_origins: serving.cors_origins.clone(),
        egress: egress::Settings {
            allowed: allowed_networks(serving),
            authorities: authorities(serving)?,
            own,
        },
        chunk: serving.chunk,
    })
}

fn allowed_networks(serving: &ServeArgs) -> Vec<IpNet> {
    let mut allowed = serving.egress_allow.clone();
    if serving.allow_private_webhooks {
        allowed.extend(
            ["127.0.0.0/8", "::1/128"]
                .iter()
                .filter_map(|network| network.parse::<IpNet>().ok()),
        );
    }
    allowed
}

fn authorities(serving: &ServeArgs) -> Result<Option<Vec<u8>>, CommandError> {
    let Some(file) = &serving.egress_ca else {
        return Ok(None);
    };
    match std::fs::read(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) => Err(CommandError::invalid_setting(format!(
            "--egress-ca {}: {error}",
            file.display()
        ))),
    }
}

/// Serves until a shutdown signal. Then requests in flight have ten seconds to finish, and after that the current chunk
/// of a handover has [`SHUTDOWN_GRACE`].
async fn serve(app: Arc<App>, listeners: Listeners, serving: &ServeArgs) -> Result<(), CommandError> {
    let addresses = listeners.addresses()?;
    let bounds = http::listener::Bounds::new(
        serving.max_connections.min(process::connections_allowed()),
        serving.behind_proxy != ProxyHeader::None,
    );
    if bounds.connections < serving.max_connections {
        tracing::warn!(
            connections = bounds.connections,
            "the open file limit (ulimit -n) allows fewer connections than --max-connections"
        );
    }
    let background = server::start(&app);
    for (what, address) in ["listening on", "metrics on"].iter().zip(addresses) {
        say(&format!("{what} http://{address}"));
    }
    let stopping = Arc::clone(&app);
    let metrics = listeners
        .metrics
        .map(|(socket, handle)| http::metrics::serve(socket, Arc::clone(&app), handle));
    let public = http::listener::serve(listeners.public, http::router(app), bounds, async move {
        shutdown_signal().await;
        stopping.stop.send_replace(true);
    });
    tokio::join!(public, OptionFuture::from(metrics));
    match tokio::time::timeout(SHUTDOWN_GRACE, background).await {
        Ok(ended) => Ok(ended.map_err(|error| error.to_string())?),
        Err(_) => Err(
            "background work did not stop in time; it resumes at the next start"
                .to_owned()
                .into(),
        ),
    }
}

async fn shutdown_signal() {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "can't listen for SIGINT");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "can't listen for SIGTERM");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

fn start_logging(serving: &ServeArgs) -> Result<(), CommandError> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn")
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match serving.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    Ok(started.map_err(|error| error.to_string())?)
}

/// Warns about existing files that other users can read. That may be intended, so their permissions are not changed.
fn warn_about_readable(data: &StorageArgs) {
    let database = Address::parse(&data.database_url)
        .ok()
        .and_then(|address| address.file());
    let blobs = data.blob_url.strip_prefix("file://").map(PathBuf::from);
    for path in database.into_iter().chain(blobs) {
        if process::is_readable_by_others(&path) {
            tracing::warn!(
                path = %path.display(),
                "other users of this machine can read this: run chmod go= on it"
            );
        }
    }
}

/// Warns when the public URL changes. All processes on a database need the same one: it is the issuer of access tokens,
/// and tokens of another issuer are refused.
async fn warn_about_public_url(app: &App) -> Result<(), CommandError> {
    if let Some(before) = people::settings::replace_public_url(&app.db, &app.public_url).await? {
        tracing::warn!(
            now = app.public_url,
            before,
            "this database was served with another --public-url: access tokens issued under it are refused, and all \
             processes that serve this database must use the same one"
        );
    }
    Ok(())
}
