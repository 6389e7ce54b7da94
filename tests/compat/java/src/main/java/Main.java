import com.amazonaws.auth.InstanceProfileCredentialsProvider;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.s3.AmazonS3;
import com.amazonaws.services.s3.AmazonS3ClientBuilder;
import com.amazonaws.services.s3.model.S3ObjectSummary;
import com.amazonaws.services.s3.transfer.TransferManager;
import com.amazonaws.services.s3.transfer.TransferManagerBuilder;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * An ordinary program of AWS's SDK for Java 1: uploads the files of a folder, lists the bucket,
 * reads back, compares. This SDK takes no endpoint from a variable, so it is an argument.
 */
public final class Main {
  private static final long MULTIPART_FROM = 16L * 1024 * 1024;

  public static void main(String[] arguments) throws Exception {
    String endpoint = arguments[0];
    String bucket = arguments[2];
    String prefix = arguments[3];
    File[] files = new File(arguments[1]).listFiles();
    AmazonS3 s3 = client(endpoint);
    upload(s3, files, bucket, prefix);
    Map<String, Long> sizes = listedSizes(s3, bucket, prefix);
    for (File file : files) {
      compare(s3, file, bucket, prefix + "/" + file.getName(), sizes);
    }
    System.out.println("compared " + files.length);
  }

  private static AmazonS3 client(String endpoint) {
    return AmazonS3ClientBuilder.standard()
        .withCredentials(InstanceProfileCredentialsProvider.getInstance())
        .withEndpointConfiguration(new EndpointConfiguration(endpoint, "us-east-1"))
        .withPathStyleAccessEnabled(true)
        .build();
  }

  private static void upload(AmazonS3 s3, File[] files, String bucket, String prefix)
      throws InterruptedException {
    TransferManager transfers =
        TransferManagerBuilder.standard()
            .withS3Client(s3)
            .withMultipartUploadThreshold(MULTIPART_FROM)
            .build();
    for (File file : files) {
      transfers.upload(bucket, prefix + "/" + file.getName(), file).waitForCompletion();
    }
    transfers.shutdownNow(false);
  }

  private static Map<String, Long> listedSizes(AmazonS3 s3, String bucket, String prefix) {
    Map<String, Long> sizes = new HashMap<>();
    for (S3ObjectSummary item : s3.listObjectsV2(bucket, prefix + "/").getObjectSummaries()) {
      sizes.put(item.getKey(), item.getSize());
    }
    return sizes;
  }

  private static void compare(
      AmazonS3 s3, File file, String bucket, String key, Map<String, Long> sizes) throws Exception {
    if (!Long.valueOf(file.length()).equals(sizes.get(key))) {
      throw new IllegalStateException(key + ": listed " + sizes.get(key));
    }
    try (InputStream content = s3.getObject(bucket, key).getObjectContent()) {
      if (!Arrays.equals(content.readAllBytes(), Files.readAllBytes(file.toPath()))) {
        throw new IllegalStateException(key + ": other bytes");
      }
    }
  }
}
