//! PostgreSQL as a store, for those who have one and keep it well: one writer for each node, fenced by a token, and a pool
//! of connections for reads. Refuses to talk in clear beyond this machine, unless that is asked for.

mod checksum;
mod connect;
mod maintain;
mod read;
mod schema;
mod stage;
mod write;
mod writer;

use connect::Connector;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Runtime;
use writer::Writer;

/// Connections for reads.
const READERS: usize = 4;

/// A store in one PostgreSQL database.
pub struct PostgresStore {
    runtime: Option<Runtime>,
    readers: deadpool_postgres::Pool,
    /// Taken by whoever commits; there is one at a time.
    writer: Arc<Mutex<Option<Writer>>>,
    node: String,
}

/// A database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is none.
    #[error("it is not a URL of PostgreSQL; write postgres://user@host:5432/database")]
    Url,
    /// Clear text beyond this machine.
    #[error(
        "the database is on another machine, so its connection must be encrypted: add sslmode=require to store.url, or sslmode=disable to do without"
    )]
    Clear,
    /// It holds no store yet.
    #[error("the database holds no store of this version; start the engine once, or run `countersign store migrate`")]
    TooOld,
    /// A later version wrote it.
    #[error("the database has version {found}, this program knows {known}; use the program that wrote it")]
    TooNew {
        /// Its version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// Another process writes for the same node.
    #[error("another process writes for the node {0} in this database; stop it first")]
    InUse(String),
    /// The server does not sync.
    #[error("the server runs with fsync off, so nothing on it is durable; switch it on")]
    NoSync,
    /// The server refuses.
    #[error("PostgreSQL: {0}")]
    Postgres(String),
    /// This process cannot talk to it.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl From<tokio_postgres::Error> for OpenError {
    fn from(cause: tokio_postgres::Error) -> Self {
        Self::Postgres(said(&cause))
    }
}

/// What the server said, or why it could not be heard.
fn said(cause: &tokio_postgres::Error) -> String {
    match cause.as_db_error() {
        Some(error) => error.message().to_owned(),
        None => {
            let mut cause: &dyn std::error::Error = cause;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            cause.to_string()
        }
    }
}

impl PostgresStore {
    /// Opens the database for the writer `node`, brings its schema forward, and locks out another writer of that name.
    /// `password` counts where the URL has none.
    pub fn open(url: &str, password: Option<&str>, node: &str) -> Result<Self, OpenError> {
        let connector = Connector::new(url, password)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()?;
        let readers = connector.pool(READERS)?;
        let (starting, name) = (connector.clone(), node.to_owned());
        let writer = on(&runtime, async move { Writer::open(starting, &name).await })?;
        Ok(Self { runtime: Some(runtime), readers, writer: Arc::new(Mutex::new(Some(writer))), node: node.to_owned() })
    }

    /// Opens the database for reads, also while another process writes to it.
    pub fn open_read_only(url: &str, password: Option<&str>, node: &str) -> Result<Self, OpenError> {
        let connector = Connector::new(url, password)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (readers, starting) = (connector.pool(READERS)?, connector.clone());
        on(&runtime, async move { schema::check(&starting.connect().await?).await })?;
        Ok(Self { runtime: Some(runtime), readers, writer: Arc::default(), node: node.to_owned() })
    }

    /// What is wrong with a URL, whether or not there is a server.
    pub fn check_url(url: &str) -> Result<(), OpenError> {
        Connector::new(url, None).map(|_| ())
    }

    /// Waits for something on the store's own threads: whoever calls may be within another runtime.
    fn wait<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        on(self.runtime.as_ref().expect("it is there until the store is dropped"), work)
    }
}

fn on<T: Send + 'static>(runtime: &Runtime, work: impl Future<Output = T> + Send + 'static) -> T {
    let (answer, answered) = std::sync::mpsc::sync_channel(1);
    runtime.spawn(async move {
        // Whoever waits for it is blocked below.
        let _ = answer.send(work.await);
    });
    answered.recv().expect("the work does not panic")
}

impl Drop for PostgresStore {
    /// A runtime must not be waited for within another.
    fn drop(&mut self) {
        let _ = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
