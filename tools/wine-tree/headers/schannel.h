/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define SCH_CRED_MAX_SUPPORTED_PARAMETERS      16
#define SCH_CRED_MAX_SUPPORTED_ALPN_IDS        16
#define SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS 16
#define SCH_CRED_MAX_SUPPORTED_CHAINING_MODES  16
#define SCH_CRED_MAX_SUPPORTED_CERTS           100
#define SCH_CRED_MAX_SUPPORTED_ALGS            256
#define SCH_CRED_MAX_STORE_NAME_SIZE           128

#define SCH_CRED_FORMAT_CERT_CONTEXT    0
#define SCH_CRED_FORMAT_CERT_HASH       1
#define SCH_CRED_FORMAT_CERT_HASH_STORE 2

#define SCH_MACHINE_CERT_HASH 0x00000001

#define SCH_CRED_DISABLE_RECONNECTS                 0x00000080
#define SCH_CRED_REVOCATION_CHECK_END_CERT          0x00000100
#define SCH_CRED_RESTRICTED_ROOTS                   0x00002000
#define SCH_CRED_REVOCATION_CHECK_CACHE_ONLY        0x00004000
#define SCH_CRED_CACHE_ONLY_URL_RETRIEVAL           0x00008000
#define SCH_CRED_MEMORY_STORE_CERT                  0x00010000
#define SCH_CRED_CACHE_ONLY_URL_RETRIEVAL_ON_CREATE 0x00020000
#define SCH_SEND_ROOT_CERT                          0x00040000
#define SCH_CRED_SNI_CREDENTIAL                     0x00080000
#define SCH_CRED_SNI_ENABLE_OCSP                    0x00100000
#define SCH_SEND_AUX_RECORD                         0x00200000
#define SCH_USE_STRONG_CRYPTO                       0x00400000
#define SCH_USE_PRESHAREDKEY_ONLY                   0x00800000
#define SCH_USE_DTLS_ONLY                           0x01000000
#define SCH_ALLOW_NULL_ENCRYPTION                   0x02000000

#define TLS_PARAMS_OPTIONAL 0x00000001

#define TLS1_ALERT_WARNING 1
#define TLS1_ALERT_FATAL   2

#define TLS1_ALERT_CLOSE_NOTIFY         0
#define TLS1_ALERT_UNEXPECTED_MESSAGE   10
#define TLS1_ALERT_BAD_RECORD_MAC       20
#define TLS1_ALERT_DECRYPTION_FAILED    21
#define TLS1_ALERT_RECORD_OVERFLOW      22
#define TLS1_ALERT_DECOMPRESSION_FAIL   30
#define TLS1_ALERT_HANDSHAKE_FAILURE    40
#define TLS1_ALERT_BAD_CERTIFICATE      42
#define TLS1_ALERT_UNSUPPORTED_CERT     43
#define TLS1_ALERT_CERTIFICATE_REVOKED  44
#define TLS1_ALERT_CERTIFICATE_EXPIRED  45
#define TLS1_ALERT_CERTIFICATE_UNKNOWN  46
#define TLS1_ALERT_ILLEGAL_PARAMETER    47
#define TLS1_ALERT_UNKNOWN_CA           48
#define TLS1_ALERT_ACCESS_DENIED        49
#define TLS1_ALERT_DECODE_ERROR         50
#define TLS1_ALERT_DECRYPT_ERROR        51
#define TLS1_ALERT_PROTOCOL_VERSION     70
#define TLS1_ALERT_INSUFFIENT_SECURITY  71
#define TLS1_ALERT_INTERNAL_ERROR       80
#define TLS1_ALERT_USER_CANCELED        90
#define TLS1_ALERT_NO_RENEGOTIATION     100
#define TLS1_ALERT_UNSUPPORTED_EXT      110

#define SSL_SESSION_RECONNECT          1
#define SSL_SESSION_ENABLE_RECONNECTS  1
#define SSL_SESSION_DISABLE_RECONNECTS 2

#define ENABLE_TLS_CLIENT_EARLY_START      0x00000001
#define KERN_CONTEXT_CERT_INFO_V1          0x00000000
#define SECPKGCONTEXT_CONNECTION_INFO_EX_V1 1

#define SECPKG_ATTR_EAP_PRF_INFO           0x65
#define SECPKG_ATTR_SUPPORTED_SIGNATURES   0x66
#define SECPKG_ATTR_REMOTE_CERT_CHAIN      0x67
#define SECPKG_ATTR_UI_INFO                0x68
#define SECPKG_ATTR_EARLY_START            0x69
#define SECPKG_ATTR_KEYING_MATERIAL_INFO   0x6a
#define SECPKG_ATTR_KEYING_MATERIAL        0x6b
#define SECPKG_ATTR_SRTP_PARAMETERS        0x6c
#define SECPKG_ATTR_CONNECTION_INFO_EX     0x6e
#define SECPKG_ATTR_KEYING_MATERIAL_INPROC 0x70

typedef struct _SCHANNEL_ALERT_TOKEN
{
    DWORD dwTokenType;
    DWORD dwAlertType;
    DWORD dwAlertNumber;
} SCHANNEL_ALERT_TOKEN;

typedef struct _SCHANNEL_SESSION_TOKEN
{
    DWORD dwTokenType;
    DWORD dwFlags;
} SCHANNEL_SESSION_TOKEN;

typedef struct _SCHANNEL_CERT_HASH_STORE
{
    DWORD dwLength;
    DWORD dwFlags;
    HCRYPTPROV hProv;
    BYTE ShaHash[20];
    WCHAR pwszStoreName[SCH_CRED_MAX_STORE_NAME_SIZE];
} SCHANNEL_CERT_HASH_STORE, *PSCHANNEL_CERT_HASH_STORE;

enum eTlsSignatureAlgorithm
{
    TlsSignatureAlgorithm_Anonymous,
    TlsSignatureAlgorithm_Rsa,
    TlsSignatureAlgorithm_Dsa,
    TlsSignatureAlgorithm_Ecdsa,
};

enum eTlsHashAlgorithm
{
    TlsHashAlgorithm_None,
    TlsHashAlgorithm_Md5,
    TlsHashAlgorithm_Sha1,
    TlsHashAlgorithm_Sha224,
    TlsHashAlgorithm_Sha256,
    TlsHashAlgorithm_Sha384,
    TlsHashAlgorithm_Sha512,
};

typedef struct _SecPkgCred_ClientCertPolicy
{
    DWORD dwFlags;
    GUID guidPolicyId;
    DWORD dwCertFlags;
    DWORD dwUrlRetrievalTimeout;
    BOOL fCheckRevocationFreshnessTime;
    DWORD dwRevocationFreshnessTime;
    BOOL fOmitUsageCheck;
    WCHAR *pwszSslCtlStoreName;
    WCHAR *pwszSslCtlIdentifier;
} SecPkgCred_ClientCertPolicy, *PSecPkgCred_ClientCertPolicy;

typedef struct _SecPkgContext_CertInfo
{
    DWORD dwVersion;
    DWORD cbSubjectName;
    WCHAR *pwszSubjectName;
    DWORD cbIssuerName;
    WCHAR *pwszIssuerName;
    DWORD dwKeySize;
} SecPkgContext_CertInfo, *PSecPkgContext_CertInfo;

typedef struct _SecPkgContext_Certificates
{
    DWORD cCertificates;
    DWORD cbCertificateChain;
    BYTE *pbCertificateChain;
} SecPkgContext_Certificates, *PSecPkgContext_Certificates;

typedef struct _SecPkgContext_ConnectionInfoEx
{
    DWORD dwVersion;
    DWORD dwProtocol;
    WCHAR szCipher[SZ_ALG_MAX_SIZE];
    DWORD dwCipherStrength;
    WCHAR szHash[SZ_ALG_MAX_SIZE];
    DWORD dwHashStrength;
    WCHAR szExchange[SZ_ALG_MAX_SIZE];
    DWORD dwExchStrength;
} SecPkgContext_ConnectionInfoEx, *PSecPkgContext_ConnectionInfoEx;

typedef struct _SecPkgContext_EapKeyBlock
{
    BYTE rgbKeys[128];
    BYTE rgbIVs[64];
} SecPkgContext_EapKeyBlock, *PSecPkgContext_EapKeyBlock;

typedef struct _SecPkgContext_EapPrfInfo
{
    DWORD dwVersion;
    DWORD cbPrfData;
    BYTE *pbPrfData;
} SecPkgContext_EapPrfInfo, *PSecPkgContext_EapPrfInfo;

typedef struct _SecPkgContext_EarlyStart
{
    DWORD dwEarlyStartFlags;
} SecPkgContext_EarlyStart, *PSecPkgContext_EarlyStart;

typedef struct _SecPkgContext_KeyingMaterial
{
    DWORD cbKeyingMaterial;
    BYTE *pbKeyingMaterial;
} SecPkgContext_KeyingMaterial, *PSecPkgContext_KeyingMaterial;

typedef struct _SecPkgContext_KeyingMaterialInfo
{
    WORD cbLabel;
    char *pszLabel;
    WORD cbContextValue;
    BYTE *pbContextValue;
    DWORD cbKeyingMaterial;
} SecPkgContext_KeyingMaterialInfo, *PSecPkgContext_KeyingMaterialInfo;

typedef struct _SecPkgContext_KeyingMaterial_Inproc
{
    WORD cbLabel;
    char *pszLabel;
    WORD cbContextValue;
    BYTE *pbContextValue;
    DWORD cbKeyingMaterial;
    BYTE *pbKeyingMaterial;
} SecPkgContext_KeyingMaterial_Inproc, *PSecPkgContext_KeyingMaterial_Inproc;

typedef struct _SecPkgContext_SessionAppData
{
    DWORD dwFlags;
    DWORD cbAppData;
    BYTE *pbAppData;
} SecPkgContext_SessionAppData, *PSecPkgContext_SessionAppData;

typedef struct _SecPkgContext_SessionInfo
{
    DWORD dwFlags;
    DWORD cbSessionId;
    BYTE rgbSessionId[32];
} SecPkgContext_SessionInfo, *PSecPkgContext_SessionInfo;

typedef struct _SecPkgContext_SrtpParameters
{
    WORD ProtectionProfile;
    BYTE MasterKeyIdentifierSize;
    BYTE *MasterKeyIdentifier;
} SecPkgContext_SrtpParameters, *PSecPkgContext_SrtpParameters;

typedef struct _SecPkgContext_SupportedSignatures
{
    WORD cSignatureAndHashAlgorithms;
    WORD *pSignatureAndHashAlgorithms;
} SecPkgContext_SupportedSignatures, *PSecPkgContext_SupportedSignatures;

typedef struct _SecPkgContext_UiInfo
{
    HWND hParentWindow;
} SecPkgContext_UiInfo, *PSecPkgContext_UiInfo;
